"""Files of the cache directory: what others could have written does not count."""

from __future__ import annotations

from pathlib import Path

import pytest

from agentguard import kept


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(kept, "directory", lambda: str(tmp_path / "agentguard"))
    return tmp_path / "agentguard"


def test_what_is_kept_comes_back_and_is_private(place: Path) -> None:
    assert kept.read("x.bin") is None
    assert kept.write("x.bin", b"content")
    assert kept.read("x.bin") == b"content"
    assert place.stat().st_mode & 0o777 == 0o700
    assert (place / "x.bin").stat().st_mode & 0o777 == 0o600


def test_a_file_that_others_can_write_is_not_read(place: Path) -> None:
    kept.write("x.bin", b"content")
    for path, mode, own in ((place / "x.bin", 0o666, 0o600), (place, 0o777, 0o700)):
        path.chmod(mode)
        assert kept.read("x.bin") is None
        path.chmod(own)
        assert kept.read("x.bin") == b"content"
    (place / "link.bin").symlink_to(place / "x.bin")
    assert kept.read("link.bin") is None


def test_a_damaged_file_is_missing(place: Path) -> None:
    kept.write("x.bin", b"content")
    whole = (place / "x.bin").read_bytes()
    for bad in (b"", whole[:3], whole[:-1], whole + b"x", whole[:4] + b"CONTENT"):
        (place / "x.bin").write_bytes(bad)
        assert kept.read("x.bin") is None


def test_no_place_is_no_failure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("")
    for place in (None, str(tmp_path / "file" / "agentguard")):
        monkeypatch.setattr(kept, "directory", lambda place=place: place)
        assert not kept.write("x.bin", b"content")
        assert kept.read("x.bin") is None


def test_the_environment_cannot_move_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    before = kept.directory()
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert before is not None and kept.directory() == before and before.endswith("/.cache/agentguard")
