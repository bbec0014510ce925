"""How fast a scan is, and how much memory it takes: over the scripts of this machine and over a made repository.

    python tests/benchmarks/scanning.py [--files N] [--jobs N]

Prints a Markdown table. Where ``shellcheck`` is installed, it reads the same shell files, in chunks so that a command
line holds them. The peak is the largest resident size of any one process. Nothing that is scanned is run.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from shutil import which

from agentguard.scan import files

_PEAK = """
import resource, subprocess, sys
code = subprocess.run(sys.argv[1:], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
sys.stderr.write(f"{resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss} {code.returncode}")
"""
_CHUNK = 400
#: Most scripts are shorter (bytes).
_ORDINARY = 10_000
# fmt: off
_TEMPLATES = (
    ("scripts/{n}.sh",
     "#!/bin/sh\nset -eu\nfor f in *.txt; do\n  [ -f \"$f\" ] || continue\n  cp \"$f\" out/{n}/\ndone\n"),
    ("tools/{n}.bash",
     "#!/usr/bin/env bash\nhelp() {{ echo \"use: $0 NAME\"; }}\nname=${{1:?}}\ntar czf \"$name.tgz\" src\n"),
    ("make/{n}/Makefile",
     "OUT ?= build\nall: $(OUT)/{n}\n$(OUT)/{n}: main.c\n\t$(CC) -o $@ $<\nclean:\n\trm -rf build\n"),
    ("images/{n}/Dockerfile",
     "FROM debian:12\nRUN apt-get update && apt-get install -y curl \\\n && rm -rf /var/lib/apt\n"),
    (".github/workflows/w{n}.yml", "on: push\njobs:\n  a:\n    steps:\n      - run: make test\n"),
    ("db/{n}.sql", "CREATE TABLE t{n} (id int primary key, name text);\nINSERT INTO t{n} VALUES (1, 'a');\n"),
    ("web/{n}/package.json",
     '{{"name": "p{n}", "scripts": {{"build": "tsc -p .", "clean": "rm -rf dist"}}}}\n'),
    ("src/{n}.py", "print({n})\n"),
)
# fmt: on


@dataclass(frozen=True, slots=True)
class Run:
    """``peak`` in MB, the largest process; ``count`` in files."""

    seconds: float
    peak: float
    count: int

    def row(self, what: str, program: str) -> str:
        rate = self.count / self.seconds
        return f"| {what} | {program} | {self.count:,} | {self.seconds:.1f} | {rate:,.0f} | {self.peak:.0f} |"


def measured(command: Sequence[str], count: int, cwd: str) -> Run:
    start = time.perf_counter()
    done = subprocess.run([sys.executable, "-c", _PEAK, *command], cwd=cwd, capture_output=True, text=True, check=True)
    peak, code = map(int, done.stderr.split())
    if code not in (0, 1):
        raise SystemExit(f"{command[0]} failed with {code}")
    return Run(time.perf_counter() - start, peak / 1024, count)


def shell_files(tops: Sequence[str]) -> Iterator[str]:
    """The shell scripts below some directories, by name or ``#!`` line."""
    for path, _ in files.expand(tops):
        data = files.load(path)
        if isinstance(data, bytes) and files.kind(path, data[:512]) == "shell" and b"\0" not in data[:8192]:
            yield path


def repository(root: Path, count: int) -> None:
    for number in range(count):
        name, text = _TEMPLATES[number % len(_TEMPLATES)]
        path = root / name.format(n=number)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text.format(n=number))


def chunked(run: Sequence[str], paths: Sequence[str], cwd: str) -> Run:
    runs = [measured([*run, *paths[at : at + _CHUNK]], 1, cwd) for at in range(0, len(paths), _CHUNK)]
    return Run(sum(one.seconds for one in runs), max(one.peak for one in runs), len(paths))


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--files", type=int, default=10_000)
    options.add_argument("--jobs", type=int, default=2)
    chosen = options.parse_args()
    program = str(Path(sys.executable).with_name("agentguard"))
    scan = [program, "scan", "--format", "json", "--jobs", str(chosen.jobs)]
    print("| what | program | files | seconds | files/s | peak MB |\n|---|---|---:|---:|---:|---:|")
    with tempfile.TemporaryDirectory() as made:
        paths = [*shell_files(["/usr", "/etc"])]
        ours = f"agentguard, {chosen.jobs} jobs"
        print(chunked(scan, paths, made).row("shell scripts of /usr and /etc", ours), flush=True)
        small = [path for path in paths if os.path.getsize(path) <= _ORDINARY]
        print(chunked(scan, small, made).row(f"those of up to {_ORDINARY:,} bytes", ours), flush=True)
        if which("shellcheck"):
            print(chunked(["shellcheck", "-f", "json"], paths, made).row("the same", "shellcheck"), flush=True)
        repository(Path(made), chosen.files)
        os.sync()
        print(measured([*scan, "."], chosen.files, made).row("a made repository", ours))


if __name__ == "__main__":
    main()
