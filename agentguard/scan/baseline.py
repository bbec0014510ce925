"""Findings that were there before: a file with a fingerprint for each of them, that is committed with the project.

A fingerprint is made of the rule, the path, the line of the file without its spacing, and a number that tells equal
lines apart, so lines can move and the file still fits.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections import Counter
from collections.abc import Collection, Iterable, Sequence

from agentguard.light import dataclass
from agentguard.output import visible
from agentguard.redaction import redacted
from agentguard.rulebook.model import Severity
from agentguard.scan.model import Hit, Place
from agentguard.scan.silence import about_scanning

NAME = ".agentguard-baseline.json"
STALE = "scan.baseline-unused"
_VERSION = 1
_LIMIT = 64_000_000


class BaselineError(Exception):
    """A baseline that cannot be read or written. The message names the file."""


@dataclass(frozen=True, slots=True)
class Found:
    """A hit with its path from the top of the project, and its fingerprint (32 hexadecimal digits)."""

    hit: Hit
    path: str
    fingerprint: str


@dataclass(frozen=True, slots=True)
class Entry:
    """A finding of the baseline; ``source`` is there for readers."""

    rule: str
    path: str
    source: str
    fingerprint: str


def from_top(path: str, root: str) -> str:
    """A path from the top of the project; one from elsewhere is absolute, standard input is ``stdin``."""
    if path == "-":
        return "stdin"
    folder, name = os.path.split(os.path.abspath(path))
    real = os.path.join(os.path.realpath(folder), name)
    relative = os.path.relpath(real, root)
    return real if relative == ".." or relative.startswith("../") else relative


def identify(hits: Sequence[Hit], path: str) -> list[Found]:
    """The hits of one file with their fingerprints; ``path`` is the file's from the top of the project."""
    seen: Counter[tuple[str, str]] = Counter()
    found = []
    for hit in sorted(hits, key=lambda hit: (hit.place.line, hit.place.column)):
        source = " ".join(hit.source.split())
        number = seen[hit.rule, source]
        seen[hit.rule, source] += 1
        whole = "\0".join((hit.rule, path, source, str(number)))
        digest = hashlib.sha256(whole.encode("utf-8", "surrogateescape")).hexdigest()
        found.append(Found(hit, path, digest[:32]))
    return found


def read(path: str) -> list[Entry]:
    """The entries of a baseline file.

    Raises:
        BaselineError: it cannot be read, or is none.
    """
    try:
        with open(path, "rb") as file:
            data = json.loads(file.read(_LIMIT))
    except OSError as error:
        raise BaselineError(f"{path}: {error.strerror}") from error
    except (ValueError, RecursionError) as error:
        raise BaselineError(f"{path}: not JSON: {error}") from error
    if not isinstance(data, dict) or data.get("version") != _VERSION or not isinstance(data.get("findings"), list):
        raise BaselineError(f"{path}: not a baseline of version {_VERSION}; agentguard scan --write-baseline makes one")
    entries = []
    for number, entry in enumerate(data["findings"]):
        given = [entry.get(name) if isinstance(entry, dict) else None for name in Entry.__match_args__]
        fields = [field for field in given if isinstance(field, str)]
        if len(fields) < len(given):
            raise BaselineError(f"{path}: entry {number + 1} is not of the form that --write-baseline gives")
        entries.append(Entry(*fields))
    return entries


def entries(found: Iterable[Found]) -> list[Entry]:
    """What stands for findings in a baseline."""
    return [Entry(f.hit.rule, visible(f.path), _shown(f.hit.source), f.fingerprint) for f in found]


def write(path: str, given: Iterable[Entry]) -> None:
    """Write a baseline: one finding a line, in a stable order.

    Raises:
        BaselineError: it cannot be written.
    """
    lines = []
    for entry in sorted(given, key=lambda entry: (entry.path, entry.rule, entry.fingerprint)):
        fields = zip(Entry.__match_args__, (entry.rule, entry.path, entry.source, entry.fingerprint), strict=True)
        lines.append(f"    {json.dumps(dict(fields))}")
    listed = "[\n" + ",\n".join(lines) + "\n  ]" if lines else "[]"
    try:
        with open(path, "w", encoding="utf-8") as file:
            file.write(f'{{\n  "version": {_VERSION},\n  "findings": {listed}\n}}\n')
    except OSError as error:
        raise BaselineError(f"{path}: {error.strerror}") from error


def stale(path: str, given: Sequence[Entry], seen: Collection[str], scanned: Collection[str], root: str) -> list[Hit]:
    """Hits on the entries that no longer occur. ``seen`` are the fingerprints of this scan, ``scanned`` its paths;
    an entry on another file counts only where that file is gone."""
    gone = [
        entry
        for entry in given
        if entry.fingerprint not in seen
        and (entry.path in scanned or not os.path.lexists(os.path.join(root, entry.path)))
    ]
    return [_stale(path, entry) for entry in gone]


def _stale(path: str, entry: Entry) -> Hit:
    line, source = _line(path, entry.fingerprint)
    return about_scanning(
        STALE, Severity.LOW, Place(path, line, 1, line, len(source) + 1),
        f"{entry.rule} in {entry.path} no longer occurs", "agentguard scan --write-baseline", source,
    )  # fmt: skip


def _line(path: str, fingerprint: str) -> tuple[int, str]:
    with open(path, encoding="utf-8", errors="replace") as file:
        for number, line in enumerate(file, 1):
            if fingerprint in line:
                return number, line.rstrip("\n")
    return 1, ""


def _shown(source: str) -> str:
    return visible(redacted(" ".join(source.split())), 120)
