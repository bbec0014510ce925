"""Kept patterns: the same as compiled ones, whatever is in the cache."""

from __future__ import annotations

import marshal
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentguard import kept, regex

PATTERNS = (
    (r"(?P<name>[a-z]+)-(\\d+)", 0),
    (r"a|b(?:c)?", re.IGNORECASE),
    (r"^x.$", re.DOTALL | re.MULTILINE),
    (r"[\\w\u2d63]+(?=!)|\\s*", re.ASCII),
    (r"(['\"])(.*?)\\1", 0),
)
TEXTS = ("abc-12", "ABC", "bc b", "x\n\nxy", "wort! \u2d63!", "'it' \"is\"")


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(kept, "directory", lambda: str(tmp_path / "agentguard"))
    for name in ("patterns", "methods", "settings"):  # nothing that other tests left to be kept
        monkeypatch.setattr(kept, name, kept.Table(name))
    return tmp_path / "agentguard"


def again(monkeypatch: pytest.MonkeyPatch) -> None:
    """As in a new process."""
    kept.keep()
    monkeypatch.setattr(kept, "patterns", kept.Table("patterns"))


def seen(pattern: re.Pattern[str], text: str) -> object:
    found = [(match.span(), match.groups(), match.groupdict(), match.lastgroup) for match in pattern.finditer(text)]
    return pattern.pattern, pattern.flags, pattern.groups, dict(pattern.groupindex), found


@pytest.mark.parametrize(("pattern", "flags"), PATTERNS)
def test_kept_patterns_match_alike(cache: Path, monkeypatch: pytest.MonkeyPatch, pattern: str, flags: int) -> None:
    for _ in range(2):
        for text in TEXTS:
            assert seen(regex.compile(pattern, flags), text) == seen(re.compile(pattern, flags), text)
        again(monkeypatch)
    assert len(list(cache.iterdir())) == 1


@given(st.sampled_from(PATTERNS), st.text(alphabet="abcx-12'\"!\n "))
def test_any_text_matches_alike(given: tuple[str, int], text: str) -> None:
    assert seen(regex.compile(*given), text) == seen(re.compile(*given), text)


@pytest.mark.parametrize("content", [b"", b"nonsense", marshal.dumps(7), marshal.dumps([1])])
def test_a_bad_cache_is_only_slow(cache: Path, monkeypatch: pytest.MonkeyPatch, content: bytes) -> None:
    kept.write(kept.patterns._name, content)
    assert regex.compile("a+").fullmatch("aaa")
    again(monkeypatch)
    assert regex.compile("a+").fullmatch("aaa") and not kept.patterns._new


def test_a_python_with_other_inner_parts_compiles_as_ever(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(re._compiler, "_code")  # type: ignore[attr-defined]  # private, which is the point
    assert regex._code("a+", 0) is None
    assert not cache.exists()
