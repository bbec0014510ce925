"""The completion for fish, 3.1 and later."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from agentguard.cli.completing.tree import COMMAND, DIRECTORIES, FILES, RULES, Option, Place, filled, kinds

_SCRIPT = r"""# %NOTE%
# The command that is typed, as far as it is known, goes to __agentguard_place, the number of its arguments to
# __agentguard_taken, and whether options are over to __agentguard_plain.
function __agentguard_read
    set -g __agentguard_place ''
    set -g __agentguard_taken 0
    set -g __agentguard_plain 0
    set -g __agentguard_rest
    set -l words (commandline -opc)
    set -l commands
    set -l valued
    __agentguard_at ''
    set -l skip 0
    for number in (seq 2 (count $words))
        set -l word $words[$number]
        if test $skip = 1
            set skip 0
        else if test $__agentguard_plain = 0 -a "$word" = --
            set __agentguard_plain 1
        else if test $__agentguard_plain = 0; and string match -qr -- '^-.' $word
            contains -- $word $valued; and set skip 1
        else if set -q commands[1]; and test $__agentguard_taken = 0; and contains -- $word $commands
            set __agentguard_place (string trim -- "$__agentguard_place $word")
            __agentguard_at $__agentguard_place
        else
            test $__agentguard_taken = 0; and set __agentguard_rest $words[$number..-1]
            set __agentguard_taken (math $__agentguard_taken + 1)
        end
    end
end

function __agentguard_at --no-scope-shadowing
    set commands
    set valued
    switch $argv[1]
%PLACES%
    end
end

# Whether the words so far are the command in the first argument; with a second one, whether so many arguments of it
# stand there (a + at its end: so many or more).
function __agentguard_is
    __agentguard_read
    test "$argv[1]" = "$__agentguard_place"; or return 1
    switch "$argv[2]"
        case ''
            test $__agentguard_plain = 0 -a $__agentguard_taken = 0
        case 'options'
            test $__agentguard_plain = 0
        case '*+'
            test $__agentguard_taken -ge (string trim -r -c + -- $argv[2])
        case '*'
            test $__agentguard_taken = $argv[2]
    end
end

function __agentguard_rules
    set -l names
    set -l parts (string split -m 1 . -- (commandline -ct))
    switch "$parts[1]"
%RULES%
    end
    if set -q parts[2]
        set -q names[1]; and printf "$parts[1].%s\n" $names
    else
        printf '%s.\n' %PACKS%
    end
end

# What follows is a command line of its own.
function __agentguard_command
    set -l current (commandline -ct)
    if not set -q __agentguard_rest[1]; and test $__agentguard_plain = 0; and string match -q -- '-*' $current
        return
    end
    set -l line (string escape -- $__agentguard_rest) $current
    complete -C"$line"
end

complete -c agentguard -f
%LINES%
"""
_ACTIONS = {
    FILES: "(__fish_complete_path (commandline -ct))",
    DIRECTORIES: "(__fish_complete_directories (commandline -ct))",
    RULES: "(__agentguard_rules)",
    COMMAND: "(__agentguard_command)",
}


def script(places: Sequence[Place], rules: Mapping[str, list[str]], note: str) -> str:
    """The content of the file."""
    parts = {
        "NOTE": note,
        "PLACES": "\n".join(line for place in places for line in _known(place)),
        "RULES": "\n".join(
            f"        case {pack}\n            set names {' '.join(names)}" for pack, names in rules.items()
        ),
        "PACKS": " ".join(rules),
        "LINES": "\n".join(line for place in places for line in _lines(place)),
    }
    return filled(_SCRIPT, parts)


def _known(place: Place) -> Iterator[str]:
    """What ``__agentguard_read`` has to know of a place."""
    if place.children or place.valued:
        yield f"        case '{place.key}'"
    if place.children:
        yield f"            set commands {' '.join(name for name, _ in place.children)}"
    if place.valued:
        yield f"            set valued {' '.join(place.valued)}"


def _lines(place: Place) -> Iterator[str]:
    for name, text in place.children:
        yield f"{_when(place)} -a {name} -d {_quoted(text)}"
    when = "" if any(argument.runs for argument in place.arguments) else "options"
    for option in place.options:
        yield f"{_when(place, when)} {_option(option)} -d {_quoted(option.help)}"
    for number, argument in enumerate(place.arguments):
        if argument.values:
            count = f"{number}+" if argument.many else str(number)
            yield f"{_when(place, count)} -a {_quoted(_offer(argument.values))}"


def _when(place: Place, count: str = "") -> str:
    words = f'__agentguard_is "{place.key}" {count}'.rstrip()
    return f"complete -c agentguard -n '{words}'"


def _option(option: Option) -> str:
    names = " ".join(f"-l {name[2:]}" if name.startswith("--") else f"-s {name[1:]}" for name in option.spellings)
    if option.values is None:
        return names
    return f"{names} -x" + (f" -a {_quoted(_offer(option.values))}" if option.values else "")


def _offer(values: tuple[str, ...]) -> str:
    words, found = kinds(values)
    return " ".join((*words, *(_ACTIONS[kind] for kind in found)))


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"
