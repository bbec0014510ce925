"""Scratch repositories, and the real program in them."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

from other_home import environment, run

BAD = "git push --force origin main"
RULE = "git.push-force-protected"
_GIT = {
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
    **{f"GIT_{who}_{what}": "dev@example.com" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")},
}


class Project:
    """A git repository and the home directory of its user."""

    def __init__(self, base: Path, bare: bool = False) -> None:
        self.home = base / "home"
        self.root = base / "app"
        self.home.mkdir(exist_ok=True)
        self.root.mkdir()
        self.git("init", "-q", "-b", "main", *(["--bare"] if bare else []))

    def write(self, name: str, *lines: str) -> Path:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("".join(f"{line}\n" for line in lines))
        return path

    def git(self, *arguments: str, cwd: Path | None = None, fails: bool = False, **env: str) -> str:
        """What git prints, on both streams."""
        done = subprocess.run(
            ["git", *arguments],
            cwd=cwd or self.root,
            env=environment(HOME=str(self.home), **_GIT, **env),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        assert (done.returncode != 0) == fails, done.stdout
        return done.stdout

    def commit(self, message: str = "more", **env: str) -> None:
        self.git("add", "-A", **env)
        self.git("commit", "-q", "--no-verify", "-m", message, **env)

    def run(self, *arguments: str, cwd: Path | None = None, **more: Any) -> subprocess.CompletedProcess[str]:
        """The program, to its end."""
        env = {"HOME": str(self.home), **_GIT, **more.pop("env", {})}
        return run(self.home, *arguments, cwd=cwd or self.root, env=env, **more)

    def scan(self, *arguments: str, status: int | None = None, **more: Any) -> list[tuple[str, int, str]]:
        """(file, line, rule) of what a scan finds."""
        done = self.run("scan", "--format", "json", *arguments, **more)
        assert status is None or done.returncode == status, done.stdout + done.stderr
        found = json.loads(done.stdout)["findings"]
        return [(one["file"], one["line"], one["rule"]) for one in found]
