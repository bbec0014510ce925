"""One call of a shell, made twice: of bash itself, and of agentguard's shell under the same name, in equal places."""

from __future__ import annotations

import re
import shutil
import subprocess
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import shells

BASH = {"bash": "/bin/bash", "sh": "/bin/sh"}
#: what both shells are started with; the directory of the user is not the home that agentguard keeps its state in
ENVIRONMENT = {"PATH": "/usr/local/bin:/usr/bin:/bin", "LANG": "C.UTF-8", "TERM": "dumb", "USER": "dev"}
FILES = {
    "a.txt": "alpha\nbeta\ngamma\n",
    "b.txt": "3\n1\n2\n",
    "with space.txt": "in a name\n",
    ".hidden": "dot\n",
    "sub/c.txt": "deep\n",
    "sub/d.log": "log\n",
    "empty": "",
    "script.sh": 'echo "$0" "$#" "$1" "${@:2}"\nexit 4\n',
    "lib.sh": "greet() { echo hello $1; }\nLOADED=yes\n",
    "stdin.sh": 'while read -r line; do echo "<$line>"; done\n',
}


#: bash names the process of a job that a signal ended
_JOB = re.compile(rb"(line \d+:) +\d+ ")


@dataclass(slots=True)
class Case:
    """How a shell is called. ``stdin`` is fed through a pipe; None is /dev/null."""

    words: list[str]
    called: str = "bash"
    stdin: bytes | None = None
    env: dict[str, str] = field(default_factory=dict)
    bare: bool = False
    sort: bool = False


@dataclass(frozen=True, slots=True)
class Seen:
    """What a caller sees of a shell, and what it left in the directory."""

    status: int
    stdout: bytes
    stderr: bytes
    files: dict[str, bytes]


def cases(file: Path) -> dict[str, Case]:
    """The calls in a file: a table each, named by what it shows.

    ``text`` is what ``-c`` gets, after ``options`` and before ``arguments``; or ``words`` are all words. ``called`` is
    the name of the shell, ``stdin`` its input, ``env`` more variables, ``bare`` leaves out all others, ``sort`` is for
    output whose lines may come in any order.
    """
    found = {}
    for name, table in tomllib.loads(file.read_text()).items():
        words = table.pop("words", None)
        if words is None:
            words = [*table.pop("options", ()), "-c", table.pop("text"), *table.pop("arguments", ())]
        if "stdin" in table:
            table["stdin"] = table["stdin"].encode()
        found[name] = Case(words, **table)
    return found


@dataclass(slots=True)
class Pair:
    """Runs calls in a directory that is made anew for each."""

    place: Path
    home: Path

    def environment(self, case: Case) -> dict[str, str]:
        plain = {} if case.bare else {**ENVIRONMENT, "HOME": str(self.place / "user")}
        return {**plain, **{name: value.replace("{place}", str(self.place)) for name, value in case.env.items()}}

    def fresh(self) -> Path:
        shutil.rmtree(self.place, ignore_errors=True)
        work = self.place / "work"
        for name, text in FILES.items():
            (work / name).parent.mkdir(parents=True, exist_ok=True)
            (work / name).write_text(text)
        (self.place / "user").mkdir()
        return work

    def bash(self, case: Case, **more: object) -> Seen:
        executable = BASH[Path(case.called.lstrip("-")).name]
        return self._run([case.called, *case.words], case, {"executable": executable, **more})

    def guarded(self, case: Case, **more: object) -> Seen:
        return self._run([*shells.words(self.home, case.called), *case.words], case, more)

    def both(self, case: Case, **more: object) -> tuple[Seen, Seen]:
        return self.guarded(case, **more), self.bash(case, **more)

    def _run(self, words: list[str], case: Case, more: Mapping[str, object]) -> Seen:
        work = self.fresh()
        given: dict[str, object] = {"input": case.stdin} if case.stdin is not None else {"stdin": subprocess.DEVNULL}
        settings = {"cwd": work, "env": self.environment(case), "capture_output": True, "start_new_session": True}
        done = subprocess.run(words, timeout=60, **{**settings, **given, **more})
        out = b"\n".join(sorted((done.stdout or b"").split(b"\n"))) if case.sort else done.stdout
        stderr = done.stderr and _JOB.sub(rb"\1 PID ", done.stderr)
        return Seen(done.returncode, out, stderr, self._files(work))

    def _files(self, work: Path) -> dict[str, bytes]:
        if not work.exists():
            return {}
        files = [path for path in sorted(work.rglob("*")) if path.is_file() and ".git" not in path.parts]
        return {str(path.relative_to(work)): path.read_bytes() for path in files}


Runner = Callable[[Case], tuple[Seen, Seen]]
