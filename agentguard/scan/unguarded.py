"""The finding that only a script can have: a deletion whose path falls to the top when a variable is empty."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from agentguard.interpret.invocation import Invocation
from agentguard.interpret.values import Origin, Pattern, Piece, Truth, Unknown, Value
from agentguard.light import dataclass
from agentguard.operations import FileDelete, Operation
from agentguard.rulebook.model import Severity
from agentguard.scan.guards import Guards
from agentguard.syntax.nodes import Span
from agentguard.world.path_names import SYSTEM_TOPS
from agentguard.world.paths import classes
from agentguard.world.protocol import World

RULE = "scan.unguarded-variable"
INSTEAD = 'check it first: : "${{{name}:?}}", or set -u at the top of the script'

#: Scripts that this rule stops, and near misses that it lets run; the tests judge them.
STOP = (
    'rm -rf "$BUILD_DIR/"*', 'rm -rf "$PREFIX/"', "rm -rf $OUT/*", 'rm -rf "/home/$NAME"',
    'clean() { rm -rf "$1/"*; }', 'ROOT=$(cd "$(dirname "$X")" && pwd)\nrm -rf "$ROOT/"*', 'rm -rf "$BUILD_DIR"',
    'X=${X:-}\nrm -rf "$X"/*', 'read -r dir; rm -rf "$dir"/*', 'rm -rf "${STEAMROOT%/}/"*',
    '[ -d "$DATA_DIR" ] && rm -rf "$DATA_DIR"', 'if [[ -d $DATA && $DATA != data ]]; then rm -rf $DATA; fi',
    '. "$LIBRARY/paths.sh"\nWORK=$1\nrm -rf "$WORK"/*', '. /etc/default/shop\nrm -rf "$WORK"/*',
    'set -- -u -o nounset\nrm -rf "$BUILD_DIR/"*', '[ -n "$D" ] || "$do"exit\nrm -rf "$D/"*',
)  # fmt: skip
RUN = (
    ': "${BUILD_DIR:?}"\nrm -rf "$BUILD_DIR/"*', 'rm -rf "${BUILD_DIR:?}/"*', 'set -u\nrm -rf "$BUILD_DIR/"*',
    'set -euo pipefail\nrm -rf "$BUILD_DIR"', '[ -n "$D" ] || exit 1\nrm -rf "$D/"*',
    'if [ -d "$D" ]; then rm -rf "$D/"*; fi', 'D=$(mktemp -d)\nrm -rf "$D"', 'D=build\nrm -rf "$D"/*',
    'clean() { [ -z "$1" ] && return; rm -rf "$1/"*; }', 'rm -rf "${BUILD_DIR:-build}"', 'rm -rf "$BUILD_DIR/cache"',
    'clean() { rm -rf "$1"; }', 'set -e\nROOT=$(git rev-parse --show-toplevel)\nrm -rf "$ROOT/dist"',
    'for d in */; do rm -rf "$d/build"; done', 'rm -f "$PIDFILE"', 'rm -rf "$DESTDIR/usr/share/doc/tool"',
    '. "$LIBRARY/paths.sh"\nrm -rf "$WORK"', '. "$LIBRARY/paths.sh"\nrm -rf "$WORK"/*',
    '[ -d "$DATA" ] && [ "$DATA" != / ] && rm -rf "$DATA"', '[ "x$DATA" != x ] && rm -rf "$DATA"',
    '[ -n "$DATA" -a -d "$DATA" ] && rm -rf "$DATA"',
    'case "$DATA" in /srv/*) rm -rf "$DATA" ;; esac', 'if [ "$DATA" = build ]; then rm -rf "$DATA"; fi',
    'clean() { [ -d "$1" ] && rm -rf "$1"; }', 'set -eo nounset\nrm -rf "$BUILD_DIR/"*',
    '#!/bin/sh -eu\nrm -rf "$BUILD_DIR/"*',
    '#!/usr/bin/env -S bash -eu\nrm -rf "$BUILD_DIR/"*', '#!/bin/bash -o nounset\nrm -rf "$BUILD_DIR/"*',
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Unguarded:
    """A deletion by an unchecked variable: ``name`` is the variable, ``becomes`` the path without it."""

    name: str
    becomes: str
    severity: Severity
    invocation: Invocation


def unguarded(
    operations: list[tuple[Operation, Invocation]], guards: Guards | None, places: Mapping[int, Span], world: World
) -> Iterator[Unguarded]:
    """The deletions whose path depends on a variable that nothing checks.

    ``places`` say where in the text of ``guards`` invocations run, by their ids; others run elsewhere.
    """
    for operation, invocation in operations:
        if not isinstance(operation, FileDelete) or invocation.place or not operation.path.unknown:
            continue
        if not operation.recursive and not operation.contents_only:
            continue
        span = places.get(id(invocation))
        found = _unguarded(operation, invocation, guards if span else None, span or invocation.span, world)
        if found is not None:
            yield found


def _unguarded(
    operation: FileDelete, invocation: Invocation, guards: Guards | None, span: Span, world: World
) -> Unguarded | None:
    path = operation.path
    pieces: list[Piece] = []
    names: list[str] = []
    outputs = False
    for piece in path.pieces:
        if isinstance(piece, Unknown):
            name = _name(piece, path)
            if not name:
                return None
            outputs = outputs or piece.origin is Origin.OUTPUT
            names.append(name)
        elif not pieces or not isinstance(piece, str) or not isinstance(pieces[-1], str):
            pieces.append(piece)
        else:
            pieces[-1] += piece
    emptied = Value(tuple(pieces))
    shown = str(emptied)
    if guards is not None and _held(names, outputs, span, guards, empty=bool(shown)):
        return None
    name = names[0]
    if name == "…" and guards is not None:
        name = min(guards.used(span), default=name)
    if not shown:
        first = path.pieces[0]
        if guards is not None and guards.unread is not None and guards.unread < span[0]:
            return None  # without a value nothing is deleted, and where the value comes from cannot be seen
        if len(path.pieces) == 1 and isinstance(first, Unknown) and first.origin is Origin.VARIABLE:
            return Unguarded(name, "", Severity.MEDIUM, invocation)
        return None
    if guards is not None and guards.unread_own is not None and guards.unread_own < span[0]:
        variables = all(isinstance(piece, str) or _from_outside(piece) for piece in path.pieces)
        if variables and not guards.assigned.intersection(names):
            return None  # that file is where it gets its value
    return Unguarded(name, shown, Severity.HIGH, invocation) if _top(shown, invocation, world) else None


def _from_outside(piece: Piece) -> bool:
    return isinstance(piece, Pattern) or (isinstance(piece, Unknown) and piece.origin is Origin.VARIABLE)


def _name(piece: Unknown, path: Value) -> str:
    """The variable behind an unknown piece that may be empty; "" for one that is not."""
    if piece.path_safe or piece.detail.startswith("__"):  # so are called what a format fills in (building.unknown)
        return ""
    if piece.origin is Origin.VARIABLE or (piece.origin is Origin.EXPANSION and not piece.detail.strip(":-%#/^,~@")):
        source = f"env:{piece.detail}"
        if source in path.sources:
            return piece.detail
        given = sorted(source[4:] for source in path.sources if source.startswith("env:"))
        return (given or ["…"])[0] if piece.origin is Origin.EXPANSION else ""
    if piece.origin is Origin.POSITIONAL:
        return piece.detail if piece.detail.isdigit() else ""
    if piece.origin in (Origin.OUTPUT, Origin.INPUT):
        return "…"
    return ""


def _held(names: list[str], outputs: bool, span: Span, guards: Guards, *, empty: bool) -> bool:
    """Whether the script looked at the variables. ``empty``: it is about their being empty, of which a test that the
    path is there tells; else about what they may name, which may be there and not be meant."""
    if guards.nounset is not None and guards.nounset <= span[0] and not outputs:
        return True
    if outputs and guards.errexit is not None and guards.errexit <= span[0]:
        return True
    used = {*names, *guards.used(span)}
    checked = guards.hold if empty else guards.told
    return any(checked(name, span) for name in used) or (
        any(name.isdigit() for name in names) and guards.hold("#", span)
    )


def _top(shown: str, invocation: Invocation, world: World) -> bool:
    """Whether what is left of a path is the whole disk, a home, or one of the system's own directories."""
    plain = shown.rstrip("/*.") or "/"
    if not shown.startswith("/") or "*" in plain or "?" in plain or "[" in plain:
        return False
    if plain.count("/") == 1 and plain[1:] in SYSTEM_TOPS:
        return True
    held = classes(Value((plain,)), invocation, world)
    return any(held.get(name) is Truth.YES for name in ("root", "home"))
