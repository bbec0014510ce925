"""``#!`` lines: what a script is started with."""

from __future__ import annotations

import posixpath


def command(line: str) -> list[str]:
    """The program of a ``#!`` line and the words behind it; ``env`` and its options are seen through. Else empty."""
    words = line[2:].split() if line.startswith("#!") else []
    if not words or posixpath.basename(words[0]) != "env":
        return words
    words = words[1:]
    while words and (words[0].startswith("-") or "=" in words[0]):
        word = words.pop(0)
        if word in ("-u", "-C", "--unset", "--chdir"):
            words = words[1:]
        elif word.startswith("-S") and len(word) > 2:
            words.insert(0, word[2:])
        elif word.startswith("--split-string="):
            words.insert(0, word.partition("=")[2])
    return words
