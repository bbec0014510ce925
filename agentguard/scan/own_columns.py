"""Columns that a file of SQL adds or renames itself, and drops later: what it moves its values through."""

from __future__ import annotations

from collections.abc import Sequence

from agentguard.programs.sql_tokens import Token

_FILLERS = frozenset(("COLUMN", "IF", "NOT", "EXISTS", "ONLY"))


def own(statements: Sequence[Sequence[Token]], index: int) -> bool:
    """Whether each column that a statement drops was added or got its name in an earlier one of the same table."""
    table, words = _alter(statements[index])
    dropped = [_after(words, at) for at, word in enumerate(words) if word == "DROP"]
    if not table or not dropped:
        return False
    made: set[str] = set()
    for tokens in statements[:index]:
        altered, words = _alter(tokens)
        if altered == table:
            made |= {_after(words, at) for at, word in enumerate(words) if word == "ADD"}
            if "RENAME" in words:
                made |= {_after(words, at) for at, word in enumerate(words) if word == "TO"}
    return all(name and name in made for name in dropped)


def _alter(tokens: Sequence[Token]) -> tuple[str, list[str]]:
    """The table that a statement alters, and the words behind its name; "" for any other statement."""
    words = [token.text.upper() for token in tokens]
    if words[:2] != ["ALTER", "TABLE"]:
        return "", []
    at = 2
    while at < len(words) and words[at] in _FILLERS:
        at += 1
    end = at + 1
    while end + 1 < len(words) and words[end] == ".":
        end += 2
    return "".join(words[at:end]), words[end:]


def _after(words: Sequence[str], at: int) -> str:
    return next((word for word in words[at + 1 :] if word not in _FILLERS), "")
