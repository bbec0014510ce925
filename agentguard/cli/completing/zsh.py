"""The completion for zsh: one function for each command, from a file that ``compinit`` finds by its first line."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from agentguard.cli.completing.tree import COMMAND, DIRECTORIES, FILES, RULES, Option, Place, filled, kinds
from agentguard.syntax.quoting import quoted

_SCRIPT = r"""#compdef agentguard
# %NOTE%
_agentguard_rule_ids() {
    local -a names
    local pack="${PREFIX%%.*}"
    case $pack in
%RULES%
    esac
    if [[ $PREFIX == *.* ]]; then
        (( $#names )) && compset -P "$pack." && compadd "$@" -a names
    else
        names=(%PACKS%)
        compadd "$@" -S . -a names
    fi
}

# What follows is a command line of its own.
_agentguard_command() {
    if [[ $words[1] == -- ]]; then
        shift words
        (( CURRENT-- ))
    fi
    _normal
}

%FUNCTIONS%
_agentguard "$@"
"""
_ACTIONS = {FILES: "_files", DIRECTORIES: "_files -/", RULES: "_agentguard_rule_ids", COMMAND: "_agentguard_command"}


def script(places: Sequence[Place], rules: Mapping[str, list[str]], note: str) -> str:
    """The content of the file."""
    parts = {
        "NOTE": note,
        "RULES": "\n".join(f"        ({pack}) names=({' '.join(names)}) ;;" for pack, names in rules.items()),
        "PACKS": " ".join(rules),
        "FUNCTIONS": "\n".join("\n".join(_function(place)) for place in places),
    }
    return filled(_SCRIPT, parts)


def _function(place: Place) -> Iterator[str]:
    yield f"{_name(place.path)}() {{"
    yield "    local context state state_descr line; typeset -A opt_args"
    specs = [spec for option in place.options for spec in _option(option)]
    if place.children:
        specs += ["'1: :->command'", "'*:: :->rest'"]
    specs += [spec for number in range(1, len(place.arguments) + 1) for spec in _argument(number, place)]
    ends = '-A "-*" ' if any(argument.runs for argument in place.arguments) else ""
    yield f"    _arguments {ends}-s -S : \\"
    yield from (f"        {spec} \\" for spec in specs[:-1])
    yield f"        {specs[-1]} && return"
    if place.children:
        yield "    local -a choices"
        yield "    case $state in"
        yield "        (command) choices=("
        yield from (f"            {quoted(_escaped(name) + ':' + text)}" for name, text in place.children)
        yield "            ); _describe command choices ;;"
        yield "        (rest) case $words[1] in"
        yield from (f"            ({name}) {_name((*place.path, name))} ;;" for name, _ in place.children)
        yield "            esac ;;"
        yield "    esac"
    yield "}"
    yield ""


def _name(path: Sequence[str]) -> str:
    return "_" + "_".join(("agentguard", *(re.sub(r"\W", "_", word) for word in path)))


def _option(option: Option) -> Iterator[str]:
    others = "" if option.repeated else f"({' '.join(option.spellings)})"
    star = "*" if option.repeated else ""
    about = re.sub(r"([\[\]\\])", r"\\\1", option.help)
    for spelling in option.spellings:
        if option.values is None:
            yield quoted(f"{others}{star}{spelling}[{about}]")
        else:
            joined = "=" if spelling.startswith("--") else "+"
            yield quoted(f"{others}{star}{spelling}{joined}[{about}]:value:{_action(option.values)}")


def _argument(number: int, place: Place) -> Iterator[str]:
    argument = place.arguments[number - 1]
    label = _escaped(argument.label)
    if argument.runs:
        yield "'(-)1: :_command_names'"
        yield quoted(f"*::{label}: _agentguard_command")
    else:
        yield quoted(f"{'*' if argument.many else number}:{label}:{_action(argument.values)}")


def _action(values: tuple[str, ...]) -> str:
    words, found = kinds(values)
    if words:
        return f"({' '.join(words)})"
    if len(found) > 1:
        return "{" + "; ".join(_ACTIONS[kind] for kind in found) + "}"
    return _ACTIONS[found[0]] if found else " "


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace(":", "\\:")
