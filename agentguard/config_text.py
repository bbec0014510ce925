"""Where a key stands in the text of a configuration file, and changing that one line."""

from __future__ import annotations

import re

from agentguard.config import ConfigError


def line_of(text: str, where: tuple[str | int, ...]) -> int | None:
    """The line of a key: of the last header or assignment of ``where`` that the text writes out.

    ``where`` is the way to it: names, each followed by a number where it is one of several entries.
    """
    lines = text.splitlines()
    found = None
    start = 0
    for position, step in enumerate(where):
        if isinstance(step, int):
            continue
        number = where[position + 1] if position + 1 < len(where) else 0
        count = number if isinstance(number, int) else 0
        name = _spelling(step)
        pattern = re.compile(rf"\s*(?:\[\[?\s*{name}\s*[\].]|{name}\s*[=.])")
        hits = [index for index in range(start, len(lines)) if pattern.match(lines[index])]
        if len(hits) > count:
            start = hits[count]
            found = start + 1
    return found


def with_value(path: str, text: str, key: str, written: str) -> str:
    """``text`` with ``key`` (dotted) set to the value ``written`` as TOML; every other byte stays.

    Raises:
        ConfigError: the key is written in a way in which one line alone cannot be changed.
    """
    section, _, name = key.rpartition(".")
    lines = text.splitlines(keepends=True)
    if lines and not lines[-1].endswith("\n"):
        lines[-1] += "\n"
    header, end = _section(lines, section)
    spellings = [(range(header + 1, end), name)] if header < end else []
    if section:
        spellings.append((range(_section(lines, "")[1]), key))
    for places, spelled in spellings:
        pattern = re.compile(rf"(\s*{_spelling(spelled)}\s*=\s*)(\"[^\"\\]*\"|'[^']*'|[^\s#\"']+)(\s*(?:#.*)?\r?\n)")
        for index in places:
            if found := pattern.fullmatch(lines[index]):
                lines[index] = f"{found[1]}{written}{found[3]}"
                return _checked(path, text, "".join(lines), key)
    new = f"{name} = {written}\n"
    if section and header == len(lines):
        lines.append(f"{chr(10) if lines else ''}[{section}]\n{new}")
    else:
        while end > header + 1 and not lines[end - 1].strip():
            end -= 1  # before the empty lines that set off what follows
        lines.insert(end, new)
    return _checked(path, text, "".join(lines), key)


def _section(lines: list[str], name: str) -> tuple[int, int]:
    """The line of the header of a section (-1: the top of the file; the end where there is none) and its end."""
    header = re.compile(r"\s*\[")
    start = -1
    if name:
        own = re.compile(rf"\s*\[\s*{_spelling(name)}\s*\]\s*(?:#.*)?$")
        start = next((index for index, line in enumerate(lines) if own.match(line)), len(lines))
    end = next((index for index in range(start + 1, len(lines)) if header.match(lines[index])), len(lines))
    return start, end


def _spelling(key: str) -> str:
    return r"\s*\.\s*".join(rf"[\"']?{re.escape(part)}[\"']?" for part in key.split("."))


def _checked(path: str, before: str, after: str, key: str) -> str:
    """``after``, if nothing but the key has changed in it."""
    import tomllib

    old = tomllib.loads(before)
    section, _, name = key.rpartition(".")
    try:
        new = tomllib.loads(after)
        changed = new[section] if section else new
        holder = old.setdefault(section, {}) if section else old
        holder[name] = changed[name]
    except (tomllib.TOMLDecodeError, KeyError, TypeError, AttributeError):
        new = None
    if new != old:
        line = line_of(before, tuple(key.split(".")))
        raise ConfigError(f"{path}:{line or 1}: {key} cannot be set here without changing more; please edit the file")
    return after
