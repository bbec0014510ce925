"""What may stand in a command at all: size, encoding and characters that hide what a person would read."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

from agentguard import regex
from agentguard.syntax.errors import ShellSyntaxError

#: Bytes of UTF-8 that ``exec`` reads; ``scan`` goes up to ``MOST``.
LIMIT = 64 * 1024
MOST = 1024 * 1024

_BIDI = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
_ZERO_WIDTH = (
    "\u00ad\u034f\u115f\u1160\u17b4\u17b5\u180e\u200b\u200c\u200d\u2060\u2061\u2062\u2063\u2064\u3164\ufeff\uffa0"
)
_CONTROL = r"\x00-\x08\x0b-\x1f\x7f\x80-\x9f\u2028\u2029"
_SUSPECT = regex.compile(f"[{_CONTROL}{_BIDI}{_ZERO_WIDTH}\ufe00-\ufe0f\ud800-\udfff\U000e0000-\U000e01ef]")
_NAMES = {
    "\r": "a carriage return, which bash takes as part of a word,",
    "\x1b": "an escape character",
    "\x00": "a NUL character",
    "\x7f": "a DEL character",
}

#: Joiners and variation selectors, which belong to the spelling of emoji and of several scripts.
_JOINERS = "\u200c\u200d"
_SCRIPTS = ("CYRILLIC", "GREEK", "ARMENIAN", "CHEROKEE", "FULLWIDTH", "MATHEMATICAL", "HALFWIDTH")


def decode(data: bytes) -> str:
    """Bytes of a command to text.

    Raises ``ShellSyntaxError`` (``encoding``) naming the first offset that is not UTF-8.
    """
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        byte = data[error.start]
        at = len(data[: error.start].decode("utf-8", "replace"))
        reason = f"the byte 0x{byte:02x} at position {error.start} is not UTF-8 text"
        raise ShellSyntaxError("encoding", reason, (at, at + 1)) from None


def check(text: str, limit: int = LIMIT) -> None:
    """Refuse text that is too long or holds characters a person cannot see.

    ``limit`` is in bytes of UTF-8. Joiners and variation selectors are fine next to other than ASCII characters
    (emoji, Indic and Persian spelling). Raises ``ShellSyntaxError``: ``limit``, ``character`` or ``encoding``.
    """
    size = len(text) if text.isascii() else len(text.encode("utf-8", "surrogatepass"))
    if size > limit:
        raise ShellSyntaxError("limit", f"{size:,} bytes are more than the {limit:,} that are read", (0, len(text)))
    for error in refused(text):
        raise error


def refused(text: str) -> Iterator[ShellSyntaxError]:
    """Every character that ``check`` refuses, in order."""
    for found in _SUSPECT.finditer(text):
        character, at = found.group(), found.start()
        if not _harmless(text, character, at):
            kind, name = _describe(character)
            yield ShellSyntaxError(kind, f"there is {name} at position {at}", (at, at + 1))


def lookalike(word: str) -> str | None:
    """Name the first letter in a command word that is made to look like a Latin one, or None.

    A word counts only if it also holds ASCII letters, or if it consists of compatibility forms (fullwidth,
    mathematical) that read as ASCII.
    """
    if word.isascii():
        return None
    ascii_letters = any(c.isascii() and c.isalpha() for c in word)
    for character in word:
        if character.isascii():
            continue
        name = unicodedata.name(character, "")
        plain = unicodedata.normalize("NFKC", character)
        if plain != character and plain.isascii() and plain.isalnum():
            return name.lower() or f"U+{ord(character):04X}"
        if ascii_letters and name.startswith(_SCRIPTS):
            return name.lower()
    return None


def _harmless(text: str, character: str, at: int) -> bool:
    """A joiner or selector that joins visible characters outside ASCII (a keycap emoji may start with a digit)."""
    before = text[at - 1] if at else ""
    if "\ufe00" <= character <= "\ufe0f":
        return bool(before) and (not before.isascii() or (character == "\ufe0f" and before in "0123456789#*"))
    if character in _JOINERS:
        after = text[at + 1 : at + 2]
        return bool(before and after) and not before.isascii() and not after.isascii()
    return False


def _describe(character: str) -> tuple[str, str]:
    code = ord(character)
    if 0xD800 <= code <= 0xDFFF:
        if 0xDC80 <= code <= 0xDCFF:
            return "encoding", f"the byte 0x{code - 0xDC00:02x}, which is not UTF-8 text,"
        return "encoding", f"half of a character (U+{code:04X})"
    if character in _NAMES:
        return "character", _NAMES[character]
    name = unicodedata.name(character, "").lower()
    label = f"{name} (U+{code:04X})" if name else f"U+{code:04X}"
    if character in _BIDI:
        return "character", f"the text direction control {label}"
    if character in _ZERO_WIDTH or code >= 0xFE00:
        return "character", f"the invisible character {label}"
    return "character", f"the control character {label}"
