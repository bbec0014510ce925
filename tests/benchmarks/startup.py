"""What the guard costs before every command: whole processes, interleaved, with ratios to a plain ``bash -c``.

    python tests/benchmarks/startup.py [ROUNDS]

The programs behind the commands are stand-ins that do nothing, so that only the shells are compared. The home directory
is a made one; the first round, which fills its caches, is not counted.
"""

from __future__ import annotations

import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parents[2]
BODY = "\n".join(f"- point {number}: what changed, and why it had to" for number in range(30))
COMMANDS = {
    "git status": "git status",
    "refused force push": "git push --force origin main",
    "heredoc commit of 30 lines": f"git commit -F - <<'EOF'\nSubject\n\n{BODY}\nEOF",
    "the incident's curl": (
        'curl -s https://backboard.railway.com/graphql/v2 -H "Authorization: Bearer $TOKEN" --json '
        '\'{"query": "mutation { volumeDelete(volumeId: \\"8f0c\\") }"}\''
    ),
}


PATCH = """\
import agentguard.policy
agentguard.policy.user_home = lambda: {home!r}
from agentguard.cli.shell import main"""


def entry(folder: Path) -> str:
    """What ``agentguard shell-dir`` writes, for a user of this folder who does not wait for answers."""
    (folder / ".config/agentguard").mkdir(parents=True)
    (folder / ".config/agentguard/config.toml").write_text("[confirm]\nwait = 0\n")
    command = [sys.executable, "-m", "agentguard", "shell-dir", str(folder / "shells")]
    subprocess.run(command, check=True, cwd=ROOT, capture_output=True)
    made = folder / "shells" / "bash"
    text = made.read_text().replace("from agentguard.cli.shell import main", PATCH.format(home=str(folder)))
    made.write_text(text)
    return str(made)


def once(argv: list[str], folder: Path, env: dict[str, str]) -> tuple[float, int]:
    """Milliseconds and peak KiB of one process."""
    null = os.open(os.devnull, os.O_RDWR)
    actions = [(os.POSIX_SPAWN_DUP2, null, number) for number in (0, 1, 2)]
    begun = time.perf_counter()
    child = os.posix_spawn(argv[0], argv, env, file_actions=actions)
    _, _, usage = os.wait4(child, 0)
    taken = (time.perf_counter() - begun) * 1000
    os.close(null)
    return taken, usage.ru_maxrss


def main() -> None:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 30
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        tools = folder / "tools"
        tools.mkdir()
        for tool in ("git", "curl"):
            (tools / tool).symlink_to("/bin/true")
        ours = entry(folder)
        env = {"PATH": f"{tools}:/usr/bin:/bin", "HOME": str(folder), "TOKEN": "x"}
        rows = {
            "bash -c true": ["/bin/bash", "-c", "true"],
            "python -c pass": [sys.executable, "-c", "pass"],
            "python -I -S -c pass": [sys.executable, "-I", "-S", "-c", "pass"],
            "bash: git status": ["/bin/bash", "-c", COMMANDS["git status"]],
        }
        rows |= {f"agentguard: {what}": [ours, "-c", command] for what, command in COMMANDS.items()}
        os.chdir(folder)
        taken: dict[str, list[tuple[float, int]]] = {row: [] for row in rows}
        for number in range(rounds + 1):
            order = list(rows)
            random.shuffle(order)
            for row in order:
                figure = once(rows[row], folder, env)
                if number:
                    taken[row].append(figure)
    plain = statistics.median(time for time, _ in taken["bash -c true"])
    print(f"| {'':<40} | median ms | ratio | peak MB |")
    print(f"|{'-' * 42}|----------:|------:|--------:|")
    for row, figures in taken.items():
        median = statistics.median(time for time, _ in figures)
        peak = max(memory for _, memory in figures) / 1024
        print(f"| {row:<40} | {median:9.1f} | {median / plain:5.1f} | {peak:7.1f} |")


if __name__ == "__main__":
    main()
