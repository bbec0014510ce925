"""How long a verdict takes, and how much memory. Prints one table; nothing is executed.

    python tests/benchmarks/bench.py                 our own corpus
    python tests/benchmarks/bench.py CASES.jsonl     the commands of a file with one {"command": …} a line
"""

from __future__ import annotations

import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from agentguard.analysis import analyse
from agentguard.frontdoor import FrontDoor
from agentguard.syntax.text import MOST
from agentguard.world.machine import MachineWorld
from agentguard.world.settings import Settings

CORPUS = Path(__file__).with_name("corpus.txt")
BLOCK = 'for f in src/*.py; do grep -n "TODO $f" "$f" | sort > "out/$(basename "$f").txt"; done # note {n}\n'


def commands(path: Path | None) -> list[str]:
    """The corpus: commands divided by blank lines, or the ``command`` of each line of a JSON Lines file."""
    if path is None:
        return [part for part in CORPUS.read_text().split("\n\n") if part.strip()]
    items = (json.loads(line) for line in path.read_text().splitlines() if line.strip())
    return [item["command"] for item in items if "command" in item]


def script(size: int) -> str:
    """About ``size`` bytes of everyday shell."""
    text = "".join(BLOCK.replace("{n}", str(number)) for number in range(size // len(BLOCK) + 1))
    return text[: text.rindex("\n", 0, size) + 1]


def seconds(door: FrontDoor, text: str, cwd: str) -> float:
    begun = time.perf_counter()
    door.judge(text, cwd=cwd, env=os.environ)
    return time.perf_counter() - begun


def measure(corpus: list[str]) -> list[tuple[str, str]]:
    """(what, figure) pairs."""
    rows = []
    door = FrontDoor()
    with tempfile.TemporaryDirectory() as folder:
        first = seconds(door, "git status", folder)
        for text in corpus:
            seconds(door, text, folder)
        times = sorted(min(seconds(door, text, folder) for _ in range(3)) * 1000 for text in corpus)
        rows.append(("first verdict in a process (loads the rules)", f"{first * 1000:.0f} ms"))
        rows.append((f"warm median of {len(corpus)} commands", f"{statistics.median(times):.2f} ms"))
        rows.append(("warm 95th percentile", f"{times[int(len(times) * 0.95)]:.2f} ms"))
        rows.append(("slowest command", f"{times[-1]:.1f} ms"))
        for kilobytes in (1, 10, 60):
            taken = seconds(door, script(kilobytes << 10), folder)
            rows.append((f"verdict on {kilobytes} KB of script", f"{taken:.2f} s"))
        rows.append(("peak memory after these verdicts", f"{peak_megabytes():.0f} MB"))
        for kilobytes in (1, 10, 100, 1000):
            text = script(kilobytes << 10)
            rows.append((f"findings of a {kilobytes} KB script", f"{reading(door, text, folder):.2f} s"))
            if kilobytes == 100:
                rows.append(("peak memory up to there", f"{peak_megabytes():.0f} MB"))
    rows.append(("peak memory at the end", f"{peak_megabytes():.0f} MB"))
    rows += cold()
    return rows


def reading(door: FrontDoor, text: str, cwd: str) -> float:
    """Seconds from text to findings, beyond the 64 KiB that ``exec`` takes."""
    world = MachineWorld(os.environ, cwd, Settings())
    begun = time.perf_counter()
    found = analyse(text, world, door.rulebook(), limit=MOST)
    assert found.problem is None, found.problem
    return time.perf_counter() - begun


def cold() -> list[tuple[str, str]]:
    """Whole processes, the way a harness would start them."""
    rows = []
    for name, argv in (
        ("bash -c true", ["/bin/bash", "-c", "true"]),
        ("agentguard exec -- true", [sys.executable, "-m", "agentguard", "exec", "--", "true"]),
    ):
        times = []
        for _ in range(7):
            begun = time.perf_counter()
            subprocess.run(argv, stdin=subprocess.DEVNULL, capture_output=True)
            times.append(time.perf_counter() - begun)
        rows.append((f"whole process: {name}", f"{statistics.median(times) * 1000:.0f} ms"))
    return rows


def peak_megabytes() -> float:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / 1024 if sys.platform != "darwin" else peak / 1024 / 1024


def main() -> None:
    rows = measure(commands(Path(sys.argv[1]) if len(sys.argv) > 1 else None))
    width = max(len(name) for name, _ in rows)
    for name, figure in rows:
        print(f"| {name:<{width}} | {figure:>9} |")


if __name__ == "__main__":
    main()
