"""Words written so that a shell reads exactly them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from agentguard import regex

_PLAIN = regex.compile(r"[A-Za-z0-9_@%+:,./-]+")
_RESERVED = regex.compile(
    r"if|then|elif|else|fi|time|for|in|until|while|do|done|case|esac|coproc|select|function",
)


def quote(word: str) -> str:
    """``word`` so that a shell reads exactly that word: no expansion, no keyword, no assignment."""
    return word if _PLAIN.fullmatch(word) and not _RESERVED.fullmatch(word) else quoted(word)


def quoted(text: str) -> str:
    """Any text as one word in single quotes."""
    return "'" + text.replace("'", "'\\''") + "'"


def join(words: Iterable[str]) -> str:
    """The text of one command with exactly these words."""
    return " ".join(map(quote, words))


def command_text(words: Sequence[str]) -> str:
    """Command text for words given on our command line: one word is text already, several are one command's words."""
    return words[0] if len(words) == 1 else join(words)
