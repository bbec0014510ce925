"""What each table of a pack file may hold: the keys, their kinds, and how a value is brought into one shape."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Final

from agentguard.rulebook.model import CONDITIONS

Raw = Mapping[str, object]

SEVERITIES: Final = ("low", "medium", "high", "critical")
REVERSIBLE: Final = ("no", "grace", "partly", "yes")
MAYBE: Final = ("ask", "supervise", "ignore")
ENVIRONMENTS: Final = ("production", "staging", "local", "unknown")
ACTIONS: Final = ("delete", "overwrite", "append", "replace", "move", "chmod", "read", "wipe")
GIT_STATES: Final = ("dirty", "untracked", "clean", "none", "unpushed", "stash")


class SchemaError(ValueError):
    """A value of the wrong kind; the message names the key and what is wrong."""


# ------------------------------------------------------------------------------------ kinds of values


def words(key: str, value: object) -> list[str]:
    """A string or a list of strings, as a list."""
    if isinstance(value, str):
        return [value]
    if isinstance(value, (list, tuple)) and value and all(isinstance(item, str) for item in value):
        return list(value)
    raise SchemaError(f"{key}: a string or a list of strings is needed")


def regexes(key: str, value: object) -> list[str]:
    """One or several regular expressions."""
    found = words(key, value)
    for pattern in found:
        try:
            re.compile(pattern)
        except re.error as error:
            raise SchemaError(f"{key}: {pattern!r} is no regular expression: {error}") from None
        if pattern.startswith((".*", "^.*")):
            raise SchemaError(f"{key}: {pattern!r} is searched anywhere: leave the .* at its beginning out")
    return found


def named_regexes(key: str, value: object) -> dict[str, list[str]]:
    """A table of name → regular expression(s)."""
    if not isinstance(value, Mapping) or not value:
        raise SchemaError(f'{key}: a table of name = "regex" is needed')
    return {name: regexes(f"{key}.{name}", pattern) for name, pattern in value.items()}


def boolean(key: str, value: object) -> bool:
    if not isinstance(value, bool):
        raise SchemaError(f"{key}: true or false is needed")
    return value


def number(key: str, value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise SchemaError(f"{key}: a number is needed")
    return value


def text(key: str, value: object) -> str:
    if not isinstance(value, str) or not value.strip():
        raise SchemaError(f"{key}: a text is needed")
    return value


def one_of(*allowed: str) -> Callable[[str, object], list[str]]:
    """One or several of a fixed set of words."""

    def check(key: str, value: object) -> list[str]:
        found = words(key, value)
        for word in found:
            if word not in allowed:
                raise SchemaError(f"{key}: {word!r} is none of {', '.join(allowed)}")
        return found

    return check


def upper(key: str, value: object) -> list[str]:
    return [word.upper() for word in words(key, value)]


def lower(key: str, value: object) -> list[str]:
    return [word.lower() for word in words(key, value)]


def paths(key: str, value: object) -> list[str]:
    """Path templates of URLs; a method may stand before each."""
    found = words(key, value)
    for path in found:
        if not re.match(r"(?:[A-Z]+ )?/", path):
            raise SchemaError(f"{key}: {path!r} does not begin with / or a method and /")
    return found


def subcommands(key: str, value: object) -> list[list[str]]:
    """Sub-command paths, a list of words each."""
    return [path.split() for path in words(key, value)]


Check = Callable[[str, object], object]

#: the keys of each matcher
MATCHERS: Final[Mapping[str, Mapping[str, Check]]] = {
    "call": {
        "program": words,
        "subcommand": subcommands,
        "verb": words,
        "not_verb": words,
        "within": number,
        "any": words,
        "all": words,
        "none": words,
        "values": named_regexes,
        "no_values": named_regexes,
        "operand": regexes,
        "no_operand": regexes,
        "first": regexes,
        "last": regexes,
        "min_operands": number,
        "max_operands": number,
        "dashes": boolean,
        "env": named_regexes,
        "stdin": regexes,
        "place": regexes,
    },
    "files": {
        "action": one_of(*ACTIONS),
        "path": words,
        "not_path": words,
        "name": words,
        "not_name": words,
        "recursive": boolean,
        "mode": regexes,
    },
    "device": {"device": regexes},
    "http": {
        "host": lower,
        "not_host": lower,
        "not_endpoint": lower,
        "port": words,
        "method": upper,
        "path": paths,
        "not_path": paths,
        "verb": lower,
        "not_verb": lower,
        "query": named_regexes,
        "header": named_regexes,
        "body": regexes,
        "credentials": boolean,
    },
    "graphql": {
        "endpoint": lower,
        "kind": one_of("query", "mutation", "subscription", "unknown"),
        "field": words,
        "not_field": words,
        "arguments": named_regexes,
    },
    "sql": {
        "verb": upper,
        "object": upper,
        "name": regexes,
        "where": boolean,
        "detail": upper,
        "not_detail": upper,
        "engine": lower,
    },
    "credential": {"how": one_of("read", "print", "hunt", "send", "commit", "use"), "source": words},
    "code": {"origin": words, "interpreter": words},
    "tamper": {"what": words},
    "bomb": {},
    "opaque": {"why": regexes},
}

#: the keys of ``when`` and ``unless``
CONDITION_CHECKS: Final[Mapping[str, Check]] = {
    "git": one_of(*GIT_STATES),
    "branch": one_of("protected", "other"),
    "environment": one_of(*ENVIRONMENTS),
    "place": regexes,
    "tag": words,
    "env": named_regexes,
    "file": words,
}
assert CONDITION_CHECKS.keys() == CONDITIONS.keys()

#: keys that a matcher cannot do without
NEEDED: Final[Mapping[str, tuple[str, ...]]] = {
    "call": ("program",),
    "files": ("action",),
    "http": ("host",),
    "graphql": ("kind", "field"),
    "sql": ("verb",),
}


def checked(where: str, raw: object, checks: Mapping[str, Check]) -> dict[str, object]:
    """A table with every value brought into shape. Raises SchemaError for an unknown key or a wrong value."""
    if not isinstance(raw, Mapping):
        raise SchemaError(f"{where}: a table is needed")
    result: dict[str, object] = {}
    for key, value in raw.items():
        check = checks.get(key)
        if check is None:
            known = ", ".join(sorted(checks)) or "none"
            raise SchemaError(f"{where}.{key}: unknown key (known: {known})")
        result[key] = check(f"{where}.{key}", value)
    return result


def matcher(kind: str, raw: object) -> dict[str, object]:
    """A matcher table in shape. Raises SchemaError."""
    found = checked(kind, raw, MATCHERS[kind])
    needed = NEEDED.get(kind, ())
    if needed and not any(key in found for key in needed):
        raise SchemaError(f"{kind}: {' or '.join(needed)} is needed")
    return found
