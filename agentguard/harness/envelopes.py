"""Take the command that the model wrote out of the frame that its harness put around it.

Only the exact frame is taken off; whatever else, however like it, is an ordinary command. What stands in the frame is
the harness's own, so that it can be left out of the judgement, but for three things that ``Envelope.text`` keeps: what
is set before the command (exported variables, the directory), the command itself, and the commands that run after it,
since a function or variable of the command's could change what those do.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from agentguard import regex
from agentguard.harness.frames import FRAMES, PAYLOAD, START_UP, Choice, Frame, Hole, Maybe, Piece, Quoting
from agentguard.light import dataclass
from agentguard.syntax.quoting import quoted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final


@dataclass(frozen=True, slots=True)
class Prelude:
    """What a frame does before the command.

    ``files`` are sourced (an agent could have written them: whoever calls judges or protects them), ``exports`` is text
    of ``export`` commands, ``directory`` is where the command runs if the frame says so ("~" is the home directory).
    """

    files: tuple[str, ...] = ()
    exports: str = ""
    directory: str | None = None


@dataclass(frozen=True, slots=True)
class Envelope:
    """A command in a frame.

    ``payload`` is what the model wrote. ``span`` is where it stands in the text of the call, without the quotes around
    it but with its own quotes still escaped; None where it is an argument. ``text`` is what must be judged.
    """

    harness: str
    since: str
    payload: str
    span: tuple[int, int] | None
    prelude: Prelude
    text: str


#: payloads that are one plain word; bash reads them as they are
_BARE: Final = r"[A-Za-z0-9_./:@%+,][A-Za-z0-9_./:@%+,=-]*"
_PAYLOADS: Final = {
    Quoting.DOUBLE: r"'(?P<payload>[^'\0]*(?:'\"'\"'[^'\0]*)*)'",
    Quoting.BACKSLASH: r"'(?P<payload>[^'\0]*(?:'\\''[^'\0]*)*)'",
    Quoting.JSON: r'"(?P<payload>[^"\\$`!\0]*)"',
    Quoting.RAW: r"(?P<payload>[^\0]*)",
}
_ESCAPED: Final = {Quoting.DOUBLE: "'\"'\"'", Quoting.BACKSLASH: "'\\''"}

#: a hole named in ``Frame.before``
_NAMED: Final = regex.compile(r"\{(\w+)\}")

_compiled: dict[int, re.Pattern[str]] = {}


def unwrap(call_text: str, arguments: Sequence[str] = (), *, home: str = "") -> Envelope | None:
    """The command inside ``call_text`` if that is exactly what a known harness writes, else None.

    ``call_text`` is the text after ``-c``, ``arguments`` are ``$1``… of the call. Where ``home`` is given, files that
    belong into the home directory are accepted only there. A raw payload may be anything; it is what the model wrote
    only if it is a complete command by itself, as the judgement of ``text`` finds out.
    """
    for index, frame in enumerate(FRAMES):
        if call_text.startswith(frame.starts) and len(arguments) == frame.arguments:
            found = _pattern(index).fullmatch(call_text)
            if found and (envelope := _envelope(frame, found, arguments, home)):
                return envelope
    return None


def is_start_up(call_text: str, harness: str) -> bool:
    """Whether ``harness`` (as ``detect.harness`` names it) runs this text by itself, and never for its model.

    It frames what its model writes, so that the bare text is its own.
    """
    return (harness, call_text) in START_UP


def _envelope(frame: Frame, found: re.Match[str], arguments: Sequence[str], home: str) -> Envelope | None:
    holes = {name: value for name, value in found.groupdict().items() if value is not None}
    file = holes.get("file")
    if file and frame.at_home and home and not file.startswith(home.rstrip("/") + "/"):
        return None
    span: tuple[int, int] | None
    if frame.quoting is Quoting.ARGUMENT:
        payload, span = arguments[0], None
    else:
        name = "bare" if "bare" in holes else "payload"
        payload, span = _decode(holes[name], frame.quoting), found.span(name)
    if frame.quoting is Quoting.RAW and payload.startswith("("):
        return None  # with the parenthesis of the frame this would be two
    directory = _directory(frame, holes, arguments)
    exports = holes.get("exports", "")
    prelude = Prelude((file,) if file else (), exports.rstrip("\n"), directory)
    text = _judged(frame, holes, payload, exports, arguments)
    return Envelope(frame.harness, frame.since, payload, span, prelude, text)


def _directory(frame: Frame, holes: dict[str, str], arguments: Sequence[str]) -> str | None:
    if "{1}" in frame.before:
        return arguments[0]
    written = holes.get("directory")
    if written is None or written[:1] != "'":
        return written
    return _decode(written[1:-1], Quoting.DOUBLE)


def _judged(frame: Frame, holes: dict[str, str], payload: str, exports: str, arguments: Sequence[str]) -> str:
    """What must be judged: the command between what holds before it and what is run behind it."""
    values = {**holes, "1": quoted(arguments[0])} if arguments else holes
    before = _NAMED.sub(lambda found: values[found[1]], frame.before)
    command = payload + frame.joined
    if frame.after and ("<<" in command or command.endswith("\\")):
        command = f"eval {quoted(command)}"  # or it might swallow the line behind it
    return exports + "\n".join(part for part in (before, command, frame.after) if part)


def _decode(written: str, quoting: Quoting) -> str:
    escaped = _ESCAPED.get(quoting)
    return written.replace(escaped, "'") if escaped else written


# ------------------------------------------------------------------------------------------ the regexes


def _pattern(index: int) -> re.Pattern[str]:
    """The regular expression of a frame, compiled when a text first looks like it."""
    if index not in _compiled:
        frame = FRAMES[index]
        seen: set[str] = set()
        _compiled[index] = regex.compile(_row(frame.pieces, frame, seen))
    return _compiled[index]


def _row(pieces: Sequence[Piece], frame: Frame, seen: set[str]) -> str:
    return "".join(_piece(piece, frame, seen) for piece in pieces)


def _piece(piece: Piece, frame: Frame, seen: set[str]) -> str:
    match piece:
        case str():
            return re.escape(piece)
        case Choice(rows):
            return f"(?:{'|'.join(_row(row, frame, seen) for row in rows)})"
        case Maybe(pieces):
            return f"(?:{_row(pieces, frame, seen)})?"
        case Hole(name, pattern):
            if piece is PAYLOAD:
                quoted = _PAYLOADS[frame.quoting]
                return f"(?:{quoted}|(?P<bare>{_BARE}))" if frame.bare else quoted
            if name in seen:
                return f"(?P={name})"
            seen.add(name)
            return f"(?P<{name}>{pattern})"
