"""Shell completions as static files, made from the click commands: ``python -m agentguard.cli.completions``.

``--check`` writes nothing and fails where a file in ``completions/`` is not what would be written.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import click

from agentguard.cli.main import cli
from agentguard.light import dataclass

FOLDER = Path(__file__).parents[2] / "completions"
NOTE = "made by: python -m agentguard.cli.completions"


@dataclass(frozen=True, slots=True)
class Place:
    """A command by its path below the program, with what can follow it: (word, help) pairs.

    ``runs``: its arguments are the words of another command.
    """

    path: tuple[str, ...]
    words: tuple[tuple[str, str], ...]
    runs: bool


def places(
    command: click.Command = cli, path: tuple[str, ...] = (), parent: click.Context | None = None
) -> Iterator[Place]:
    """Every command of the program, outermost first."""
    context = click.Context(command, parent, **command.context_settings)
    words = []
    children: list[tuple[str, click.Command]] = []
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            child = command.get_command(context, name)
            if child is not None:
                children.append((name, child))
                words.append((name, child.get_short_help_str(80)))
    for parameter in command.get_params(context):
        if isinstance(parameter, click.Option):
            words += [(spelling, parameter.help or "") for spelling in parameter.opts]
    yield Place(path, tuple(words), runs=path in {("exec",), ("check",), ("explain",)})
    for name, child in children:
        yield from places(child, (*path, name), context)


def bash() -> str:
    """The completion for bash."""
    arms = []
    for place in places():
        words = " ".join(word for word, _ in place.words)
        then = ' runs=1' if place.runs else ""
        arms.append(f'        "{" ".join(place.path)}") words="{words}"{then} ;;')
    return f"""# {NOTE}
_agentguard() {{
    local current="${{COMP_WORDS[COMP_CWORD]}}" path="" words="" runs="" word
    for word in "${{COMP_WORDS[@]:1:COMP_CWORD-1}}"; do
        case "$word" in
            -*) ;;
            *) path="${{path:+$path }}$word" ;;
        esac
    done
    case "$path" in
{chr(10).join(arms)}
    esac
    if [[ -n $words ]]; then
        COMPREPLY=($(compgen -W "$words" -- "$current"))
        [[ -n $runs && $current != -* ]] && COMPREPLY+=($(compgen -c -- "$current"))
    else
        COMPREPLY=($(compgen -f -- "$current"))
    fi
}}
complete -F _agentguard agentguard
"""


def zsh() -> str:
    """The completion for zsh."""
    arms = []
    for place in places():
        words = " ".join(_zsh_word(word, text) for word, text in place.words)
        then = "; _command_names" if place.runs else ""
        arms.append(f'        ("{" ".join(place.path)}") choices=({words}); _describe agentguard choices{then} ;;')
    return f"""#compdef agentguard
# {NOTE}
_agentguard() {{
    local -a choices
    local path_words="" word
    for word in "${{(@)words[2,CURRENT-1]}}"; do
        [[ $word == -* ]] || path_words="${{path_words:+$path_words }}$word"
    done
    case "$path_words" in
{chr(10).join(arms)}
        (*) _files ;;
    esac
}}
_agentguard "$@"
"""


def fish() -> str:
    """The completion for fish."""
    lines = [f"# {NOTE}", "complete -c agentguard -f"]
    for place in places():
        if place.path:
            when = " ".join(f"__fish_seen_subcommand_from {name};" for name in place.path)
            condition = f"'{when.replace('; __', '; and __').removesuffix(';')}'"
        else:
            condition = "__fish_use_subcommand"
        for word, text in place.words:
            dashes = "-l" if word.startswith("--") else "-s" if word.startswith("-") else "-a"
            shown = _fish_quote(text)
            lines.append(f"complete -c agentguard -n {condition} {dashes} {word.lstrip('-')} -d {shown}")
        if place.runs:
            lines.append(f"complete -c agentguard -n {condition} -a '(__fish_complete_command)'")
    return "\n".join(lines) + "\n"


def _zsh_word(word: str, text: str) -> str:
    described = f"{word}:{text}" if text else word
    return "'" + described.replace("'", "'\\''") + "'"


def _fish_quote(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"


FILES = {"agentguard.bash": bash, "_agentguard": zsh, "agentguard.fish": fish}


def main(arguments: list[str]) -> int:
    """Write the files, or with ``--check`` name those that are not current."""
    stale = [name for name, make in FILES.items() if _content(name) != make()]
    if arguments == ["--check"]:
        for name in stale:
            print(f"completions/{name} is not current; run python -m agentguard.cli.completions", file=sys.stderr)
        return 1 if stale else 0
    FOLDER.mkdir(exist_ok=True)
    for name in stale:
        (FOLDER / name).write_text(FILES[name]())
    return 0


def _content(name: str) -> str | None:
    path = FOLDER / name
    return path.read_text() if path.exists() else None


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
