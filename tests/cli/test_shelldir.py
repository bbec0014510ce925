"""The directory of shells, as a harness uses it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import other_home
import pytest

#: what an allowed command must not wait for
HEAVY = ("click", "rich", "typing", "dataclasses", "inspect", "json", "pathlib", "subprocess", "sqlite3", "tomllib",
         "sqlglot", "graphql", "yaml", "contextlib", "logging", "urllib.parse", "datetime", "ast")  # fmt: skip


@pytest.fixture
def shells(tmp_path: Path) -> Path:
    done = other_home.run(tmp_path / "home", "shell-dir", str(tmp_path / "shells"), cwd=tmp_path)
    assert (done.returncode, done.stdout) == (0, f"{tmp_path}/shells\n")
    return tmp_path / "shells"


def run(shell: Path, *words: str, **more) -> subprocess.CompletedProcess[str]:
    return subprocess.run([shell, *words], capture_output=True, text=True, stdin=subprocess.DEVNULL, **more)


def test_every_entry_is_that_shell(shells: Path) -> None:
    assert run(shells / "bash", "-c", 'echo "$0 ${BASH_VERSION:+bash}"').stdout == f"{shells}/bash bash\n"
    assert run(shells / "sh", "-c", "echo $0").stdout == f"{shells}/sh\n"
    assert (shells / "zsh").exists() == any(os.path.exists(f"{place}/zsh") for place in ("/bin", "/usr/bin"))


def test_the_default_place_is_in_the_home_directory(tmp_path: Path) -> None:
    done = other_home.run(tmp_path, "shell-dir", cwd=tmp_path)
    assert done.stdout == f"{tmp_path}/.local/share/agentguard/shell\n"
    assert (tmp_path / ".local/share/agentguard/shell/bash").stat().st_mode & 0o777 == 0o755


def test_no_endless_calls_of_itself(tmp_path: Path, shells: Path) -> None:
    home = tmp_path / "home"
    other_home.own_config(home).write_text(f'shell = "{shells}/bash"\n')
    done = subprocess.run([*other_home.shell(home), "-c", "echo hi"], capture_output=True, text=True, timeout=60)
    assert done.returncode == 125 and "is a script and not the real shell" in done.stderr


def test_found_first_on_the_path_it_still_finds_the_real_one(shells: Path) -> None:
    env = {**os.environ, "PATH": f"{shells}:{os.environ['PATH']}", "SHELL": f"{shells}/bash"}
    done = run(shells / "bash", "-c", "bash -c 'sh -c \"echo deep\"'", env=env)
    assert (done.stdout, done.returncode) == ("deep\n", 0)


def test_what_the_environment_says_about_python_does_not_matter(shells: Path, tmp_path: Path) -> None:
    (tmp_path / "agentguard.py").write_text("raise SystemExit(9)")
    (tmp_path / "sitecustomize.py").write_text("raise SystemExit(9)")
    python = {"PYTHONPATH": str(tmp_path), "PYTHONHOME": "", "PYTHONSTARTUP": str(tmp_path / "agentguard.py")}
    env = {**os.environ, **python}
    assert run(shells / "bash", "-c", "echo ok", env=env, cwd=tmp_path).stdout == "ok\n"


@pytest.mark.parametrize("damage", ["gone", "empty", "cut", "other python"])
def test_without_a_good_bundle_it_is_only_slower(shells: Path, damage: str) -> None:
    bundle = shells / "code.bundle"
    content = bundle.read_bytes()
    if damage == "gone":
        bundle.unlink()
    else:
        changed = content.replace(sys.version.encode(), sys.version.replace("3", "4", 1).encode())
        bundle.write_bytes({"empty": b"", "cut": content[:99], "other python": changed}[damage])
    assert run(shells / "bash", "-c", "echo ok").stdout == "ok\n"


def test_an_allowed_command_imports_nothing_heavy(shells: Path) -> None:
    """Told by Python itself: each import is a line on standard error."""
    text = (shells / "bash").read_text().split("\n", 1)[1]
    command = [sys.executable, "-I", "-S", "-X", "importtime", "-c", text, "-c", "git status; ls | head -3"]
    for _ in range(2):  # the first fills the caches
        done = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL)
    imported = {line.rpartition("|")[2].strip() for line in done.stderr.splitlines() if line.startswith("import time:")}
    assert "agentguard.analysis" in imported
    assert imported.isdisjoint(HEAVY), imported & set(HEAVY)
