"""Nothing that a file holds or is stops a scan; results come in order, from one process or several."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from agentguard.scan import judging
from agentguard.scan.scanner import scan

BOMB = "a0: &a0 [x]\n" + "".join(f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]\n" for i in range(1, 30))


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.sh", b"\xff\xfe\x00d"),
        ("a.sh", b"echo \xff\xfe\ndropdb prod\n"),
        ("a.sh", b"$(" * 5000),
        ("a.sh", b"{ " * 5000),
        ("a.sh", b"'"),
        ("a.sh", b""),
        ("a.sh", b"x" * 500_000),
        (".gitlab-ci.yml", BOMB.encode()),
        (".gitlab-ci.yml", b"[" * 50_000),
        (".gitlab-ci.yml", b"a: &a [*a]\n"),
        (".gitlab-ci.yml", b"\x01: \x1b"),
        ("package.json", b"[" * 50_000),
        ("package.json", b'{"scripts": 1, "scripts": {"a": "\\ud800"}}'),
        ("Makefile", b"A = $(A)$(A)$(A)\nx:\n\techo $(A)\n"),
        ("Makefile", b"x:\n\techo $(((((\n"),
        ("Makefile", b"include Makefile\nx:\n\ttrue\n"),
        ("Dockerfile", b"RUN <<EOF\nnever closed\n"),
        ("Dockerfile", b'RUN ["a", \nRUN true \\'),
        ("a.sql", b"'" + b"(" * 20_000),
        ("justfile", b"a:\n\tx \\"),
        ("Makefile", b"".join(b"A%d = %s\n" % (i, b"$(A%d)" % (i + 1) * 9) for i in range(30)) + b"x:\n\techo $(A0)\n"),
        ("Makefile", b"\\\n" * 400_000),
        ("Makefile", b"$(" * 100_000),
        ("Dockerfile", b"RUN <<A\n" * 20_000),
        ("a.sh", b"# agentguard: ignore[x] -- y\n" * 30_000),
        ("a.sh", "\u200b".encode() * 300_000),
        (".gitlab-ci.yml", b"a: x\n" * 30_000 + b"b: c: d\n" * 30),
    ],
)
def test_odd_content(name: str, data: bytes, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(data)
    results = list(scan([str(tmp_path / name)]))
    assert not [p for result in results for p in result.problems if "agentguard failed" in p.message]


def test_bytes_that_are_not_utf8_hide_nothing(tmp_path: Path) -> None:
    (tmp_path / "a.sh").write_bytes(b"# caf\xe9\r\ndropdb prod\r\n")
    (result,) = scan([str(tmp_path)])
    assert [(hit.place.line, hit.place.column) for hit in result.hits] == [(2, 1)]


def test_odd_files(tmp_path: Path) -> None:
    (tmp_path / "loop").symlink_to(tmp_path)
    (tmp_path / "out.sh").symlink_to("/etc/profile")
    (tmp_path / "gone.sh").symlink_to(tmp_path / "nowhere")
    os.mkfifo(tmp_path / "pipe.sh")
    (tmp_path / "big.sh").write_bytes(b"#" * (1024 * 1024 + 1))
    (tmp_path / "new\nline.sh").write_text("dropdb prod\n")
    (tmp_path / "node_modules").mkdir()
    (tmp_path / "node_modules/a.sh").write_text("dropdb prod\n")
    found = {os.path.basename(result.path): result for result in scan([str(tmp_path)])}
    assert set(found) == {"big.sh", "new\nline.sh"}
    assert "larger" in found["big.sh"].problems[0].message
    assert found["new\nline.sh"].hits


@pytest.mark.parametrize("name", ["missing.sh", "pipe.sh"])
def test_a_named_file_that_cannot_be_read_is_a_problem(name: str, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.sh")
    (result,) = scan([str(tmp_path / name)])
    assert len(result.problems) == 1


def test_a_shell_that_is_not_read_is_reported(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("#!/usr/bin/env -S zsh -f\ntrue\n")
    (result,) = scan([str(tmp_path / "a")])
    assert result.problems[0].message == "zsh is not read"


def test_a_failure_inside_is_a_problem_of_that_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("broken")

    monkeypatch.setattr(judging, "Session", broken)
    (tmp_path / "a.sh").write_text("true\n")
    (result,) = scan([str(tmp_path)])
    assert result.problems[0].message == "agentguard failed: broken"


def test_content_from_elsewhere(tmp_path: Path) -> None:
    def read(path: str) -> bytes:
        if path.endswith("b.sh"):
            raise KeyError(path)
        return b"dropdb prod\n"

    one, two = scan([str(tmp_path / "a.sh"), str(tmp_path / "b.sh")], read=read)
    assert one.hits and not two.hits and two.problems


def test_a_tree_in_several_processes_gives_what_one_gives(tmp_path: Path) -> None:
    for number in range(130):
        folder = tmp_path / f"d{number % 7}"
        folder.mkdir(exist_ok=True)
        (folder / f"s{number}.sh").write_text("#!/bin/sh\n" + "dropdb prod\n" * (number % 3))
    one = list(scan([str(tmp_path)], jobs=1))
    assert len(one) == 130
    assert list(scan([str(tmp_path)], jobs=2)) == one
