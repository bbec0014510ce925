"""The ``files`` and ``device`` matchers. What kind of path it is, world/paths.py says."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from agentguard.interpret.invocation import Invocation
from agentguard.interpret.values import Truth, Unknown, Value, literal
from agentguard.operations import DeviceWrite, FileDelete, FileMove, FileOverwrite, FileRead, PermissionChange
from agentguard.rulebook.text import NO, YES, Outcome, both, either, globs, search, search_text
from agentguard.world.protocol import World

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

FileOperation = FileDelete | FileOverwrite | FileMove | FileRead | PermissionChange


def match_files(matcher: Mapping[str, Any], operation: FileOperation, invocation: Invocation, world: World) -> Outcome:
    """Whether a file operation is what the rule describes."""
    return both(_criteria(matcher, operation, invocation, world))


def place(operation: FileOperation) -> Value:
    """The path a file operation is about."""
    return operation.source if isinstance(operation, FileMove) else operation.path


def _criteria(
    matcher: Mapping[str, Any], operation: FileOperation, invocation: Invocation, world: World
) -> Iterator[Outcome]:
    if not isinstance(operation, PermissionChange) and "mode" in matcher:
        yield NO
    if isinstance(operation, PermissionChange) and "mode" in matcher:
        yield search_text(matcher["mode"], operation.mode)
    if "recursive" in matcher:
        yield YES if getattr(operation, "recursive", False) == matcher["recursive"] else NO
    if "name" in matcher:
        yield _name(matcher["name"], operation)
    if "not_name" in matcher:
        yield _inverted(_name(matcher["not_name"], operation))
    if "path" in matcher or "not_path" in matcher:
        from agentguard.world.paths import classes

        held = classes(place(operation), invocation, world, lost=not isinstance(operation, FileRead))
        if "path" in matcher:
            wanted = matcher["path"]
            if world.settings.protections and _whole(operation):
                from agentguard.world.protected import with_trees

                wanted = with_trees(wanted, getattr(operation, "only", ""), world)
            yield Outcome(max(held.get(name, Truth.NO) for name in wanted), True)
        for name in matcher.get("not_path", ()):
            yield Outcome(~held.get(name, Truth.NO), True)


def _whole(operation: FileOperation) -> bool:
    """Whether what lies below a directory is hit with it."""
    if isinstance(operation, FileMove) or getattr(operation, "recursive", False):
        return True
    return any(isinstance(piece, Unknown) and piece.many for piece in place(operation).pieces)


def _name(patterns: Sequence[str], operation: FileOperation) -> Outcome:
    """Globs with a slash are for the whole path, others for its last component."""
    whole = _trimmed(place(operation))
    last = literal(operation.only) if isinstance(operation, FileDelete) and operation.only else _last(whole)
    return either(globs((pattern,), whole if "/" in pattern else last) for pattern in patterns)


def _trimmed(path: Value) -> Value:
    """Without the slashes at its end."""
    if path.pieces and isinstance(end := path.pieces[-1], str) and end.endswith("/"):
        stripped = end.rstrip("/")
        return Value((*path.pieces[:-1], stripped) if stripped else path.pieces[:-1])
    return path


def _last(path: Value) -> Value:
    """The last component of a path."""
    for index in range(len(path.pieces) - 1, -1, -1):
        piece = path.pieces[index]
        if isinstance(piece, str) and "/" in piece:
            rest = piece.rpartition("/")[2]
            return Value((rest, *path.pieces[index + 1 :]) if rest else path.pieces[index + 1 :])
    return path


def _inverted(found: Outcome) -> Outcome:
    return Outcome(~found.truth, found.firm)


def match_device(matcher: Mapping[str, Any], operation: DeviceWrite) -> Outcome:
    """Whether a raw write goes to a device the rule means."""
    return search(matcher["device"], operation.device) if "device" in matcher else YES
