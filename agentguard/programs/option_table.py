"""What the options of a program are: data, never a flag loop of its own.

An option table (TOML, ``[[program]]`` in a rule pack; python, ``Table(...)``)::

    names = ["kubectl", "oc"]        # the first is the canonical name; globs allowed (``mkfs.*``)
    each = false                     # true: the names are programs of their own that share this description
    value = "-n --namespace -f"      # options that take the next word (or the glued / ``=`` rest)
    flag = "-v --verbose"            # known flags: only needed where abbreviations or clusters are ambiguous
    optional = "--color --force"     # options that take a value only glued (``--color=auto``, ``-i.bak``)
    pair = "--arg"                   # options that take the next two words
    same = ["-n --namespace", "-f --filename"]   # spellings of one option; the LAST is the canonical name
    abbreviate = false               # GNU getopt_long: unique prefixes of long options
    cluster = true                   # ``-rf`` is ``-r -f`` (default); a value option ends the cluster
    single_dash_long = false         # ``-name`` is one option, ``--name`` the same (find, terraform, java-like)
    stop_early = false               # the first operand ends the options (wrappers: sudo, env, ssh, docker exec)
    ends = "-c -m"                   # options (of ``value``) after whose value no more options come (python -c)
    plus = false                     # ``+x`` words are options too
    ignore_case = false              # options are written here in small letters and there in any (PowerShell)
    bundled_first = false            # the first word may be a cluster without dash (tar, ps)
    inherit = true                   # false: after a sub-command word only that sub-command's options count (git)
    depth = 1                        # the first N operands are sub-command words even where no table names them
    inert = false                    # true: its words are names or text; none of them tells it to destroy something
    help_word = false                # true: ``help`` as the only operand asks for the manual, as ``--help`` does
    short_words = false              # a sub-command word may be cut short where it stays unique (ip, artisan mig:fr)
    stands_for = ["docker", "compose"]   # the words this name is short for (``docker-compose``);
                                     # the options are those of the program named first
    [program.sub.delete]             # a sub-command: the same keys, added to those of the program
    aliases = ["rm", "remove"]
    [program.sub."volume delete"]    # deeper paths; ``*`` stands for any word

A spelling of a ``same`` group takes a value if one of the group does. A sub-command that lists an option of the
program in another way (``flag = "-c"`` where the program has ``value = "-c"``) means its own. ``depth`` is 1 where
a program has sub-commands, else 0. Sub-command paths that rules name need no entry of their own.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from agentguard.interpret.values import NOTHING
from agentguard.light import dataclass, field, replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Final

_BOOLEANS: Final = (
    "abbreviate",
    "cluster",
    "single_dash_long",
    "stop_early",
    "plus",
    "ignore_case",
    "bundled_first",
    "inherit",
    "help_word",
    "short_words",
    "inert",
)
_LISTS: Final = ("value", "flag", "optional", "pair")

#: every key of a ``[[program]]`` or ``[program.sub.x]`` table
KEYS: Final = frozenset((*_BOOLEANS, *_LISTS, "names", "each", "same", "ends", "depth", "stands_for", "sub", "aliases"))

Raw = Mapping[str, object]


class TableError(ValueError):
    """An option table that says something impossible; the message names the key."""


@dataclass(frozen=True, slots=True)
class Table:
    """The options of a program, or of one of its sub-commands with everything inherited.

    ``same`` maps a spelling to its canonical name. ``sub`` holds the tables one word deeper as written (they are
    read when the word occurs), ``words`` each word or alias of them with the canonical word.
    """

    names: tuple[str, ...]
    value: frozenset[str] = NOTHING
    flag: frozenset[str] = NOTHING
    optional: frozenset[str] = NOTHING
    pair: frozenset[str] = NOTHING
    same: Mapping[str, str] = field(default_factory=dict)
    abbreviate: bool = False
    cluster: bool = True
    single_dash_long: bool = False
    stop_early: bool = False
    plus: bool = False
    ignore_case: bool = False
    bundled_first: bool = False
    inherit: bool = True
    help_word: bool = False
    short_words: bool = False
    inert: bool = False
    ends: frozenset[str] = NOTHING
    depth: int = 0
    stands_for: tuple[str, ...] = ()
    sub: Mapping[str, Raw] = field(default_factory=dict)
    words: Mapping[str, str] = field(default_factory=dict)
    _children: dict[str, tuple[str, Table]] = field(default_factory=dict, init=False, compare=False, repr=False)

    @classmethod
    def from_toml(cls, mapping: Raw) -> Table:
        """A table from its TOML keys. Raises TableError."""
        names = _strings(mapping, "names")
        if not names:
            raise TableError("names: at least one is needed")
        table = _overlay(cls(names), mapping)
        depth = mapping.get("depth", 1 if table.sub else 0)
        if not isinstance(depth, int):
            raise TableError("depth: a number is needed")
        return replace(table, depth=depth, stands_for=_strings(mapping, "stands_for"))

    def knows(self, spelling: str) -> bool:
        return (
            spelling in self.value
            or spelling in self.flag
            or spelling in self.optional
            or spelling in self.pair
            or spelling in self.same
        )

    def canonical(self, spelling: str) -> str:
        """The canonical name of an option as a rule or a user may spell it."""
        if self.single_dash_long and spelling.startswith("--") and not self.knows(spelling):
            spelling = spelling[1:]
        return self.same.get(spelling, spelling)

    def takes_value(self, spelling: str) -> bool:
        """Whether an option can have a value, glued or not."""
        if self.single_dash_long and spelling.startswith("--") and not self.knows(spelling):
            spelling = spelling[1:]
        return spelling in self.value or spelling in self.optional or spelling in self.pair

    def child(self, word: str) -> tuple[str, Table] | None:
        """The sub-command of a word or alias: its canonical word and its table, or None."""
        found = self._children.get(word)
        if found is None:
            canonical = self._canonical_word(word)
            raws = [self.sub[name] for name in dict.fromkeys(("*", canonical)) if name in self.sub]
            if not raws:
                return None
            table = self.below()
            for raw in raws:
                table = _overlay(table, raw)
            found = self._children[word] = canonical, table
        return found

    def _canonical_word(self, word: str) -> str:
        found = self.words.get(word)
        if found is None and self.short_words:
            parts = word.split(":")
            longer = {to for name, to in self.words.items() if _cut(parts, name.split(":"))}
            found = longer.pop() if len(longer) == 1 else None
        return word if found is None else found

    def called(self, alias: Table) -> Table:
        """This table under another name that stands for words of it (``docker-compose``)."""
        return replace(self, names=alias.names, stands_for=alias.stands_for)

    def below(self) -> Table:
        """What is left in force after a sub-command word that has no table of its own."""
        if self.inherit:
            return replace(self, sub={}, words={}, depth=0)
        none = NOTHING
        return replace(self, value=none, flag=none, optional=none, pair=none, same={}, sub={}, words={}, depth=0)

    def at(self, path: Iterable[str]) -> Table:
        """The table in force after the words of ``path``."""
        table = self
        for word in path:
            found = table.child(word)
            table = found[1] if found is not None else table.below()
        return table


def default_table(name: str) -> Table:
    """The table of a program nobody described: every option is a flag, and there are no sub-commands."""
    return Table((name,))


# ------------------------------------------------------------------------------------- reading tables


def _cut(parts: list[str], whole: list[str]) -> bool:
    return len(parts) == len(whole) and all(full.startswith(part) for part, full in zip(parts, whole, strict=True))


def _strings(mapping: Raw, key: str) -> tuple[str, ...]:
    raw = mapping.get(key, ())
    if isinstance(raw, str):
        return tuple(raw.split())
    if isinstance(raw, (list, tuple)) and all(isinstance(item, str) for item in raw):
        return tuple(raw)
    raise TableError(f"{key}: words are needed")


def nested(sub: object) -> dict[str, Raw]:
    """Sub-command tables with one word a level: ``{"volume delete": t}`` → ``{"volume": {"sub": {"delete": t}}}``."""
    if not isinstance(sub, Mapping):
        raise TableError("sub: tables are needed")
    levels: dict[str, Raw] = {}
    for path, raw in sub.items():
        if not isinstance(raw, Mapping):
            raise TableError(f"sub.{path}: a table is needed")
        first, _, rest = path.strip().partition(" ")
        new: Raw = {"sub": {rest: raw}} if rest else raw
        levels[first] = merged(levels[first], new) if first in levels else new
    return levels


def merged(one: Raw, two: Raw) -> dict[str, object]:
    """Two descriptions of the same level added up; single values of ``two`` win."""
    result = dict(one)
    for key, value in two.items():
        if key not in result:
            result[key] = value
        elif key == "sub":
            left, right = nested(result[key]), nested(value)
            for word, raw in right.items():
                left[word] = merged(left[word], raw) if word in left else raw
            result[key] = left
        elif key in (*_LISTS, "names", "aliases", "ends"):
            result[key] = list(dict.fromkeys((*_strings(result, key), *_strings(two, key))))
        elif key == "same":
            result[key] = [*_groups(result), *_groups(two)]
        else:
            result[key] = value
    return result


def _groups(mapping: Raw) -> list[str]:
    groups = mapping.get("same", [])
    if not isinstance(groups, (list, tuple)) or not all(isinstance(group, str) for group in groups):
        raise TableError('same: a list of groups is needed, such as "-n --namespace"')
    return list(groups)


def _overlay(base: Table, mapping: Raw) -> Table:
    """``base`` with the keys of one level laid over it."""
    unknown_keys = mapping.keys() - KEYS
    if unknown_keys:
        raise TableError(f"unknown key {min(unknown_keys)}")
    own = {key: set(_strings(mapping, key)) for key in _LISTS}
    same: dict[str, str] = {}
    for group in _groups(mapping):
        spellings = group.split()
        for spelling in spellings:
            same[spelling] = spellings[-1]
        for key in ("value", "pair", "optional"):
            if own[key].intersection(spellings):
                own[key].update(spellings)
    old = {"value": base.value, "flag": base.flag, "optional": base.optional, "pair": base.pair}
    listed = set().union(*own.values())
    #: an option meant in another way here has nothing to do with the one of the same name above
    changed = {name for key in _LISTS for name in own[key] if any(name in old[k] for k in _LISTS if k != key)}
    lists = {key: frozenset(own[key] | (old[key] - listed)) for key in _LISTS}
    inherited = {name: to for name, to in base.same.items() if name not in changed}
    booleans: dict[str, Any] = {}
    for key in _BOOLEANS:
        if key in mapping:
            flag = mapping[key]
            if not isinstance(flag, bool):
                raise TableError(f"{key}: true or false is needed")
            booleans[key] = flag
    sub = nested(mapping["sub"]) if "sub" in mapping else {}
    words: dict[str, str] = {}
    for word, raw in sub.items():
        for alias in _strings(raw, "aliases"):
            words[alias] = word
    words.update((word, word) for word in sub if word != "*")
    if base.sub:
        words = {**base.words, **words}
        sub = {**base.sub, **{w: merged(base.sub[w], raw) if w in base.sub else raw for w, raw in sub.items()}}
    return replace(
        base,
        value=lists["value"],
        flag=lists["flag"],
        optional=lists["optional"],
        pair=lists["pair"],
        same={**inherited, **same},
        sub=sub,
        words=words,
        ends=base.ends | frozenset(_strings(mapping, "ends")),
        **booleans,
    )
