"""Decoding of ``$'…'``."""

from __future__ import annotations

import re

from agentguard import regex

_ESCAPE = regex.compile(
    r"\\(?:([abeEfnrtv\\'\"?])|([0-7]{1,3})|x([0-9a-fA-F]{1,2})|u([0-9a-fA-F]{1,4})|U([0-9a-fA-F]{1,8})|c(\\\\|.)|(.))",
    re.DOTALL,
)
_LETTERS = {
    "a": "\a", "b": "\b", "e": "\x1b", "E": "\x1b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v",
    "\\": "\\", "'": "'", '"': '"', "?": "?",
}  # fmt: skip


def decode(text: str) -> str:
    """The value of what stands between ``$'`` and ``'``. As in bash, an encoded NUL ends the value."""
    if "\\" not in text:
        return text
    value = _ESCAPE.sub(_replace, text)
    if not value.isascii():
        value = _bytes(value)
    end = value.find("\0")
    return value if end < 0 else value[:end]


def _replace(found: re.Match[str]) -> str:
    letter, octal, byte, short, long, control, other = found.groups()
    if letter:
        return _LETTERS[letter]
    if octal:
        return _byte(int(octal, 8) & 0xFF)
    if byte:
        return _byte(int(byte, 16))
    if short or long:
        code = int(short or long, 16)
        return chr(code) if code < 0x110000 and not 0xD800 <= code < 0xE000 else "\ufffd"
    if control:
        return "\x7f" if control == "?" else chr(ord(control[0].upper()) & 0x1F) if control.isascii() else control
    return "\\" + other


def _byte(value: int) -> str:
    """A byte as a character; those over 127 wait as lone surrogates to be joined into UTF-8."""
    return chr(value) if value < 0x80 else chr(0xDC00 + value)


def _bytes(value: str) -> str:
    return value.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
