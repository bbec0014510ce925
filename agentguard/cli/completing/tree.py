"""The click commands as plain data: what can stand where on a command line of agentguard."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

import click

from agentguard.config_keys import KEYS, Key
from agentguard.light import dataclass

#: kinds of values that a shell finds by itself, or (rules) in a list of ids
FILES: Final = "@files"
DIRECTORIES: Final = "@directories"
RULES: Final = "@rules"
COMMAND: Final = "@command"
_KINDS: Final = (FILES, DIRECTORIES, RULES, COMMAND)

#: what parameters of these names take, where their type does not say it
_BY_NAME: Final[Mapping[str, tuple[str, ...]]] = {
    "cwd": (DIRECTORIES,),
    "directory": (DIRECTORIES,),
    "file": (FILES,),
    "files": (FILES,),
    "output": (FILES,),
    "path": (FILES,),
    "paths": (FILES,),
    "rule": (RULES,),
    "rule_id": (RULES,),
}
#: the same for one parameter of one command
_BY_PLACE: Final[Mapping[str, tuple[str, ...]]] = {
    "check text": (COMMAND,),
    "exec text": (),
    "exec words": (COMMAND,),
    "explain text": (COMMAND,),
    "rules list pattern": (RULES,),
    "rules new rule_id": (),
    "rules test pattern": (RULES, FILES),
}


@dataclass(frozen=True, slots=True)
class Option:
    """``values``: None for a switch, else words and kinds that can follow, maybe none that are known."""

    spellings: tuple[str, ...]
    help: str
    values: tuple[str, ...] | None
    repeated: bool


@dataclass(frozen=True, slots=True)
class Argument:
    """An argument by position. ``many``: it takes all words that are left."""

    label: str
    values: tuple[str, ...]
    many: bool

    @property
    def runs(self) -> bool:
        """Whether it is the command line of another program."""
        return COMMAND in self.values


@dataclass(frozen=True, slots=True)
class Place:
    """A command by its path below the program. ``children`` are (name, help) pairs of what can be chosen below it."""

    path: tuple[str, ...]
    children: tuple[tuple[str, str], ...]
    options: tuple[Option, ...]
    arguments: tuple[Argument, ...]

    @property
    def key(self) -> str:
        """The path as one text; "" for the program."""
        return " ".join(self.path)

    @property
    def valued(self) -> list[str]:
        """The spellings of options that take a value."""
        return [spelling for option in self.options if option.values is not None for spelling in option.spellings]


def kinds(values: tuple[str, ...]) -> tuple[list[str], list[str]]:
    """The words and the kinds among ``values``."""
    return [value for value in values if value not in _KINDS], [value for value in values if value in _KINDS]


def places(command: click.Command, path: tuple[str, ...] = (), parent: click.Context | None = None) -> Iterator[Place]:
    """Every command below ``command``, outermost first. The keys of ``config set`` are commands here, too."""
    context = click.Context(command, parent, **command.context_settings)
    children: list[tuple[str, click.Command]] = []
    if isinstance(command, click.Group):
        found = ((name, command.get_command(context, name)) for name in command.list_commands(context))
        children = [(name, child) for name, child in found if child is not None and not child.hidden]
    parameters = command.params
    shown = (item for item in parameters if isinstance(item, click.Option) and not item.hidden)
    options = (*(_option(path, item) for item in shown), _help(command, context))
    if path == ("config", "set"):
        yield from _settings(path, options)
        return
    yield Place(
        path,
        tuple((name, child.get_short_help_str(80)) for name, child in children),
        options,
        tuple(_argument(path, item) for item in parameters if isinstance(item, click.Argument)),
    )
    for name, child in children:
        yield from places(child, (*path, name), context)


def filled(script: str, parts: Mapping[str, str]) -> str:
    """``script`` with the parts in the place of their names, which stand there as ``%NAME%``."""
    for name, part in parts.items():
        script = script.replace(f"%{name}%", part)
    return script


def rule_names() -> dict[str, list[str]]:
    """The rules that come with agentguard: the first part of their ids → the rests."""
    from agentguard.rulebook.load import load

    packs: dict[str, list[str]] = {}
    for rule in load().rules:
        pack, _, rest = rule.id.partition(".")
        packs.setdefault(pack, []).append(rest)
    return {pack: sorted(packs[pack]) for pack in sorted(packs)}


def _settings(path: tuple[str, ...], options: tuple[Option, ...]) -> Iterator[Place]:
    yield Place(path, tuple((name, key.about) for name, key in KEYS.items()), options, ())
    for name, key in KEYS.items():
        yield Place((*path, name), (), options, (Argument("value", _setting(key), False),))


def _setting(key: Key) -> tuple[str, ...]:
    if key.choices:
        return key.choices
    if key.switch:
        return ("true", "false")
    return (str(key.default),) if key.most else (FILES,)


def _option(path: tuple[str, ...], option: click.Option) -> Option:
    switch = option.is_flag or option.count
    help = (option.help or "").split("\n")[0]
    return Option((*option.opts, *option.secondary_opts), help, None if switch else _values(path, option),
                  option.multiple or option.count)  # fmt: skip


def _help(command: click.Command, context: click.Context) -> Option:
    """Not the option that click makes: it keeps the names from its first use, which may have been another place."""
    names = command.get_help_option_names(context)
    return Option(tuple(sorted(names, key=len)), "Show this message and exit.", None, False)


def _argument(path: tuple[str, ...], argument: click.Argument) -> Argument:
    label = (argument.metavar or argument.name or "").lower().replace("_", " ")
    return Argument(label, _values(path, argument), argument.nargs == -1)


def _values(path: tuple[str, ...], parameter: click.Parameter) -> tuple[str, ...]:
    name = parameter.name or ""
    kind = parameter.type
    if isinstance(kind, click.Choice):
        return tuple(str(choice) for choice in kind.choices)
    hint = _BY_PLACE.get(" ".join((*path, name)))
    if hint is not None:
        return hint
    if isinstance(kind, click.Path):
        return (FILES,) if kind.file_okay else (DIRECTORIES,)
    if isinstance(kind, click.File):
        return (FILES,)
    return _BY_NAME.get(name, ())
