"""What ten times the rules cost: ``python -m tests.rulebook.growth``. Prints the time of a start and of a verdict."""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from agentguard.rulebook.load import load
from tests.rulebook.made_world import called, pack, rule


def made_pack(number: int) -> str:
    """A pack with a program of twenty sub-commands, twenty call rules and ten request rules."""
    name = f"k{number}"
    subs = "".join(f'[program.sub.s{i}]\nflag = "-x --y{i}"\n' for i in range(20))
    table = f'[[program]]\nnames = ["p{number}"]\nvalue = "-a --aa"\nsame = ["-a --aa"]\n{subs}'
    calls = [
        rule(f'[rule.call]\nprogram = "p{number}"\nsubcommand = "s{i}"\nany = "-x"', f"{name}.c{i}") for i in range(20)
    ]
    requests = [
        rule(f'[rule.http]\nhost = "api{number}.com"\nmethod = "DELETE"\npath = "/v1/a{i}/{{x}}"', f"{name}.h{i}")
        for i in range(10)
    ]
    return pack(table, *calls, *requests, name=name)


def median(action: Callable[[], object], times: int = 101) -> float:
    """Microseconds."""
    spent: list[float] = []
    for _ in range(times):
        start = time.perf_counter()
        action()
        spent.append(time.perf_counter() - start)
    return statistics.median(spent) * 1e6


def main() -> int:
    for packs in (60, 600):
        with tempfile.TemporaryDirectory() as root:
            rules, cache = Path(root) / "rules", str(Path(root) / "cache")
            rules.mkdir()
            for number in range(packs):
                (rules / f"k{number}.toml").write_text(made_pack(number))
            load(str(rules), cache=cache)
            book = load(str(rules), cache=cache)
            started = median(lambda where=str(rules), to=cache: load(where, cache=to))
            first = median(lambda where=str(rules), to=cache: called(load(where, cache=to), "p7", "s3", "-x")) - started
            verdict = median(lambda found=book: called(found, "p7", "s3", "-x"))
        line = (
            f"{packs} packs, {packs * 30} rules: start {started:.0f} µs, first {first:.0f} µs, more {verdict:.0f} µs\n"
        )
        sys.stdout.write(line)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
