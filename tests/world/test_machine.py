"""The real machine, read within bounds."""

from __future__ import annotations

import os
from pathlib import Path

from agentguard.world.machine import MachineWorld
from agentguard.world.settings import Settings


def world(place: Path) -> MachineWorld:
    return MachineWorld({"HOME": str(place)}, str(place), Settings())


def test_kinds(tmp_path: Path) -> None:
    (tmp_path / "f").write_text("x")
    (tmp_path / "l").symlink_to("f")
    os.mkfifo(tmp_path / "p")
    found = {name: world(tmp_path).kind(str(tmp_path / name)) for name in ("f", "l", "p", "", "none", "f/x")}
    assert found == {"f": "file", "l": "link", "p": "other", "": "directory", "none": "missing", "f/x": "missing"}
    assert world(tmp_path).kind("/dev/null") == "device"
    assert world(tmp_path).kind("bad\0name") == "missing"


def test_reading_is_bounded_and_never_blocks(tmp_path: Path) -> None:
    (tmp_path / "f").write_bytes(b"x" * 100)
    os.mkfifo(tmp_path / "p")
    machine = world(tmp_path)
    assert machine.read(str(tmp_path / "f")) == b"x" * 100
    assert machine.read(str(tmp_path / "f"), 99) is None
    assert machine.read(str(tmp_path / "p")) is None
    assert machine.read("/dev/zero") is None
    assert machine.read(str(tmp_path)) is None


def test_listings(tmp_path: Path) -> None:
    for name in ("b", "a", ".c"):
        (tmp_path / name).write_text("")
    assert world(tmp_path).listing(str(tmp_path)) == (".c", "a", "b")
    assert world(tmp_path).listing(str(tmp_path), 2) is None
    assert world(tmp_path).listing(str(tmp_path / "a")) is None


def test_links_are_followed_only_when_asked(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real")
    machine = world(tmp_path)
    assert machine.resolve(str(tmp_path / "link" / "x")) == str(tmp_path.resolve() / "real" / "x")
    assert machine.kind(str(tmp_path / "link")) == "link"


def test_outside_of_a_repository(tmp_path: Path) -> None:
    assert world(tmp_path).repository(str(tmp_path)) is None
    assert world(tmp_path).project() == str(tmp_path)
