"""Bytes of a file → text that every reader can take."""

from __future__ import annotations

import codecs

#: Control characters become U+FFFD or a blank; so does what is not UTF-8. Columns stay.
_TABLE: dict[int, int] = {
    **dict.fromkeys((*range(0x09), *range(0x0E, 0x20), *range(0x7F, 0xA0), *range(0xDC80, 0xDD00)), 0xFFFD),
    0x0B: 0x20, 0x0C: 0x20, 0x0D: 0x20, 0x2028: 0x20, 0x2029: 0x20, 0xFEFF: 0xFFFD,
}  # fmt: skip


def text_of(data: bytes) -> str | None:
    """The text of a file: line ends as ``\\n``, no byte order mark. None for what is no text at all."""
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        text = data.decode("utf-16", "replace")
    elif b"\0" in data[:8192]:
        return None
    else:
        text = data.removeprefix(codecs.BOM_UTF8).decode("utf-8", "surrogateescape")
    return text.replace("\r\n", "\n").translate(_TABLE) if not _plain(text) else text


def _plain(text: str) -> bool:
    return text.isascii() and text.replace("\n", "").replace("\t", "").isprintable()
