"""Small questions about a row of SQL tokens: words, names, groups."""

from __future__ import annotations

from collections.abc import Sequence

from agentguard.programs.sql_tokens import HOLE, Kind, Token, vocabulary

Tokens = Sequence[Token]

#: words that follow a name and are none
_AFTER_NAMES = vocabulary(
    "CASCADE RESTRICT RESTART CONTINUE ON WITH SYNC FORCE PURGE SET USING WHERE ADD DROP AS RENAME ALTER"
)
_BEFORE_NAMES = vocabulary("IF NOT EXISTS ONLY CONCURRENTLY BY TABLE")


def words_of(tokens: Tokens) -> list[str]:
    """One word a token: upper case for words, the sign for signs, empty for everything else."""
    return [token.word for token in tokens]


def first_word(text: str) -> str:
    """The first word of a text in upper case."""
    head = text.split(None, 1)
    return head[0].rstrip(";(").upper() if head else ""


def group_end(tokens: Tokens, place: int) -> int:
    """The index of the parenthesis that closes the one at ``place``, or the end."""
    depth = 0
    for index in range(place, len(tokens)):
        word = tokens[index].word
        if word == "(":
            depth += 1
        elif word == ")":
            depth -= 1
            if depth == 0:
                return index
    return len(tokens)


def group_ends(tokens: Tokens) -> dict[int, int]:
    """For each opening parenthesis the index of the one that closes it, or the end."""
    open_at: list[int] = []
    ends: dict[int, int] = {}
    for index, token in enumerate(tokens):
        if token.word == "(":
            open_at.append(index)
        elif token.word == ")" and open_at:
            ends[open_at.pop()] = index
    ends.update(dict.fromkeys(open_at, len(tokens)))
    return ends


def upto(tokens: Tokens, place: int, sign: str) -> int:
    """The index of the next ``sign`` outside parentheses, or the end."""
    depth = 0
    for index in range(place, len(tokens)):
        word = tokens[index].word
        if word == sign and depth == 0:
            return index
        depth += (word == "(") - (word == ")")
    return len(tokens)


def name_at(tokens: Tokens, place: int) -> tuple[str, int]:
    """A dotted name (``public.users``, ``"a".b``, with … for what is not known) and the index after it."""
    while place < len(tokens) and tokens[place].word in _BEFORE_NAMES:
        place += 1
    parts: list[str] = []
    while place < len(tokens):
        token = tokens[place]
        part = token.kind in (Kind.WORD, Kind.NAME, Kind.HOLE, Kind.STRING, Kind.PARAMETER, Kind.NUMBER)
        if part and (not parts or parts[-1] == "." or token.glued):
            parts.append("…" if HOLE in token.text else token.text)
        elif token.word in (".", "@", "*", "-") and (parts or token.word == "*"):
            if token.word == "-" and not token.glued:
                break
            parts.append(token.word)
        else:
            break
        place += 1
    return "".join(parts), place


def names(tokens: Tokens, place: int) -> str:
    """One name, or several as ``a, b``."""
    found: list[str] = []
    while place < len(tokens):
        name, after = name_at(tokens, place)
        if not name or (not found and name.upper() in _AFTER_NAMES):
            break
        found.append(name)
        place = after
        if place < len(tokens) and tokens[place].word == ",":
            place += 1
        else:
            break
    return ", ".join(found)
