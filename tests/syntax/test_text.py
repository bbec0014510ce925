"""What may stand in a command: size, encoding, characters that hide something."""

from __future__ import annotations

import pytest

from agentguard.syntax.errors import ShellSyntaxError
from agentguard.syntax.text import LIMIT, check, decode, lookalike


@pytest.mark.parametrize(
    "text",
    [
        "git commit -m 'é ü ñ 漢字 нет'",
        "git commit -m '👩‍👩‍👧 family ❤️ 1️⃣ done'",
        "echo 'क्‍ष می‌خواهم'",
        "a\n\tb\n",
        "",
    ],
)
def test_ordinary_text_passes(text: str) -> None:
    check(text)


@pytest.mark.parametrize(
    ("text", "kind", "word", "position"),
    [
        ("rm\0x", "character", "NUL", 2),
        ("a\x1b[2J", "character", "escape", 1),
        ("a\r\nb", "character", "carriage return", 1),
        ("a\x0bb", "character", "control character", 1),
        ("echo \u202egnp.exe", "character", "RIGHT-TO-LEFT OVERRIDE", 5),
        ("r\u200bm x", "character", "ZERO WIDTH SPACE", 1),
        ("r\u200dm x", "character", "ZERO WIDTH JOINER", 1),
        ("r\ufe0fm", "character", "VARIATION SELECTOR", 1),
        ("echo \u2066x", "character", "direction", 5),
        ("echo \ufeffx", "character", "invisible", 5),
        ("echo \ud83d", "encoding", "half of a character", 5),
        ("echo \udcc3(", "encoding", "0xc3", 5),
        ("a" * (LIMIT + 1), "limit", "65,537 bytes", 0),
        ("é" * (LIMIT // 2 + 1), "limit", "65,538 bytes", 0),
    ],
)
def test_hidden_characters_are_named(text: str, kind: str, word: str, position: int) -> None:
    with pytest.raises(ShellSyntaxError) as caught:
        check(text)
    assert caught.value.kind == kind
    assert word.lower() in caught.value.reason.lower()
    assert caught.value.span[0] == position


def test_the_limit_is_a_parameter() -> None:
    check("a" * (1 << 20), 1 << 20)
    with pytest.raises(ShellSyntaxError):
        check("abc", 2)


def test_bytes_that_are_not_text_are_named_with_their_position() -> None:
    assert decode("é x".encode()) == "é x"
    with pytest.raises(ShellSyntaxError) as caught:
        decode("é ".encode() + b"\xc3(")
    assert (caught.value.kind, caught.value.span) == ("encoding", (2, 3))
    assert "0xc3" in caught.value.reason


@pytest.mark.parametrize(
    ("word", "letter"),
    [
        ("r\u043cm", "cyrillic small letter em"),
        ("\u0441url", "cyrillic small letter es"),
        ("gi\u03c4", "greek small letter tau"),
        ("\uff52\uff4d", "fullwidth latin small letter r"),
        ("\U0001d42bm", "mathematical bold small r"),
    ],
)
def test_letters_that_look_like_others(word: str, letter: str) -> None:
    assert lookalike(word) == letter


@pytest.mark.parametrize("word", ["rm", "café", "日本", "нет", "über-tool", "naïve"])
def test_words_of_one_script_are_not_suspect(word: str) -> None:
    assert lookalike(word) is None
