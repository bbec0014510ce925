"""Projects in which the examples of rules are judged. Nothing in them is ever executed.

Each is a home directory with a git work tree ``work/app``: clean, ``origin/main`` equal to ``main``, with rebuildable
ignored directories. ``needs`` changes that for one example:

git     ``clean dirty untracked unpushed stash none``
files   path → content; ``~/x`` is in the home directory; an empty table makes a directory, ``{ link = "t" }`` a
        symbolic link; a path ending in ``.append`` is appended to
cwd     relative to the project
env     variables (applied by the caller)
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Final, NamedTuple

_TRACKED: Final = {
    "README.md": "# app\n",
    "VERSION": "1.0.0\n",
    ".gitignore": "".join(
        f"{name}\n"
        for name in (
            *("node_modules/", "dist/", "build/", "target/", ".venv/", "coverage/", "__pycache__/", "*.pyc"),
            *(".env", ".env.*", "!.env.example", "config/", "data/"),
        )
    ),
    "package.json": '{"name": "app", "scripts": {"build": "vite build", "test": "vitest", "lint": "eslint ."}}\n',
    "package-lock.json": "{}\n",
    "pyproject.toml": "[project]\nname = 'app'\nversion = '1.0.0'\n",
    "requirements.txt": "requests\n",
    "Makefile": "build:\n\tnpm run build\ntest:\n\tpytest -q\nclean:\n\trm -rf build dist\n",
    "src/app.py": "def main():\n    print('app')\n",
    "src/index.ts": "export const a = 1;\n",
    "src/old_module.py": "x = 1\n",
    "tests/test_app.py": "def test_app():\n    assert True\n",
    "migrations/001_init.sql": "CREATE TABLE users (id int);\n",
    "scripts/build.sh": "#!/bin/sh\nnpm run build\n",
    "scripts/deploy.sh": "#!/bin/sh\necho deploy\n",
    "docs/guide.md": "how to\n",
    "data.csv": "a,b\n1,2\n",
    "a.txt": "a\n",
    "b.txt": "b\n",
}
_IGNORED: Final = (
    *("node_modules/x/index.js", "dist/app.js", "build/out.o", "coverage/lcov.info"),
    *("src/__pycache__/app.pyc", "target/debug/app"),
)
_BRANCHES: Final = ("topic", "feature/payments", "old-work")


class Box(NamedTuple):
    """A prepared home directory and the working directory in it."""

    home: str
    cwd: str

    def environment(self, needs: Mapping[str, object]) -> dict[str, str]:
        """The environment an example is judged with; variables it does not name are unset."""
        env = {"HOME": self.home, "PATH": "/usr/local/bin:/usr/bin:/bin", "USER": "dev", "LANG": "C.UTF-8"}
        changes = needs.get("env")
        if isinstance(changes, Mapping):
            env.update((str(name), str(value)) for name, value in changes.items())
        return env


class Sandboxes:
    """Makes one sandbox per state below ``root`` (which must not be a temporary directory of the system, because
    those are scratch space for the rules)."""

    def __init__(self, root: str) -> None:
        self._root = Path(root)
        self._template = self._root / "template"
        self._boxes: dict[str, Box] = {}
        _build(self._template)

    def box(self, needs: Mapping[str, object]) -> Box:
        """The sandbox in the wanted state; equal needs share one."""
        state = {name: value for name, value in needs.items() if name != "env"}
        key = json.dumps(state, sort_keys=True)
        if key not in self._boxes:
            home = self._root / f"dev{len(self._boxes)}"
            shutil.copytree(self._template, home, symlinks=True)
            self._boxes[key] = _prepared(home, state)
        return self._boxes[key]


def _git(project: Path, *arguments: str) -> None:
    env = {
        "PATH": os.environ.get("PATH", "/usr/bin:/bin"),
        "HOME": str(project.parent.parent),
        "GIT_CONFIG_NOSYSTEM": "1",
        **dict.fromkeys(("GIT_AUTHOR_NAME", "GIT_COMMITTER_NAME"), "dev"),
        **dict.fromkeys(("GIT_AUTHOR_EMAIL", "GIT_COMMITTER_EMAIL"), "dev@example.com"),
    }
    subprocess.run(["git", *arguments], cwd=project, env=env, check=True, capture_output=True)


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    if text.startswith("#!"):
        path.chmod(0o755)


def _commit(project: Path, message: str) -> None:
    _git(project, "add", "-A")
    _git(project, "commit", "-qm", message)


def _build(home: Path) -> None:
    project = home / "work" / "app"
    _write(home / "Documents" / "letter.txt", "keep\n")
    for name, text in _TRACKED.items():
        _write(project / name, text)
    for name in _IGNORED:
        _write(project / name, "x\n")
    _git(project, "init", "-q", "-b", "main", "--template=")
    _commit(project, "initial")
    for number in (1, 2):
        _write(project / "VERSION", f"1.0.{number}\n")
        _commit(project, f"release {number}")
    _git(project, "tag", "v1.0")
    _git(project, "branch", "merged-feature")
    for branch in _BRANCHES:
        _git(project, "checkout", "-qb", branch)
        _write(project / "src" / f"{branch.replace('/', '_')}.py", "x = 2\n")
        _commit(project, f"work on {branch}")
        _git(project, "checkout", "-q", "main")
    _git(project, "remote", "add", "origin", "https://github.com/acme/app.git")
    _git(project, "update-ref", "refs/remotes/origin/main", "main")
    _git(project, "config", "branch.main.remote", "origin")
    _git(project, "config", "branch.main.merge", "refs/heads/main")


def _prepared(home: Path, needs: Mapping[str, object]) -> Box:
    project = home / "work" / "app"
    state = needs.get("git", "clean")
    if state == "none":
        shutil.rmtree(project / ".git")
    if state == "unpushed":
        for number in (1, 2):
            _write(project / "src" / f"new{number}.py", f"n = {number}\n")
            _commit(project, f"local work {number}")
    if state == "stash":
        for number in (1, 2):
            _write(project / "src" / "app.py", f"# stashed {number}\n")
            _git(project, "stash", "push", "-q", "-m", f"wip {number}")
    if state in ("dirty", "unpushed"):
        _write(project / "src" / "app.py", "def main():\n    print('uncommitted work')\n")
        _write(project / "src" / "index.ts", "export const a = 2;\n")
        _git(project, "add", "src/index.ts")
    if state in ("dirty", "untracked"):
        _write(project / "notes.txt", "not committed\n")
    if state == "untracked":
        for name in ("scratch/new_feature.py", "config/skills/keep.yml", ".env"):
            _write(project / name, "precious\n")
    files = needs.get("files")
    if isinstance(files, Mapping):
        for name, content in files.items():
            _place(home, project, str(name), content)
    return Box(str(home), str(project / str(needs["cwd"])) if "cwd" in needs else str(project))


def _place(home: Path, project: Path, name: str, content: object) -> None:
    path = Path(os.path.normpath(home / name[2:] if name.startswith("~/") else project / name))
    if not path.is_relative_to(home):
        raise ValueError(f"{name} leaves the sandbox")
    if path.suffix == ".append":
        with path.with_suffix("").open("a") as file:
            file.write(str(content))
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.is_symlink() or path.is_file():
        path.unlink()
    elif path.is_dir():
        shutil.rmtree(path)
    if not content and not isinstance(content, str):
        path.mkdir()
    elif isinstance(content, Mapping):
        target = str(content["link"])
        if target.startswith("~/"):
            target = str(home / target[2:])
            Path(target).parent.mkdir(parents=True, exist_ok=True)
        path.symlink_to(target)
    else:
        _write(path, str(content))
