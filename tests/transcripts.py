"""The transcripts of the README are real: ``python tests/transcripts.py`` writes them, the suite compares them.

Every programme in them that could do something is a stand-in that only fails, and each runs in a made-up project.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from agentguard.rulebook.prove import ground
from agentguard.rulebook.sandbox import Sandboxes

README = Path(__file__).parents[1] / "README.md"
STAND_INS = ("curl", "git", "psql", "railway", "rm", "terraform")
_BLOCK = re.compile(r"(?<=^```console\n).*?(?=^```$)", re.MULTILINE | re.DOTALL)


def current(text: str) -> str:
    """``text`` with the output in every console block as it is now."""
    with tempfile.TemporaryDirectory(prefix=".agentguard-readme-", dir=ground()) as root:
        box = Sandboxes(root).box({"git": "dirty"})
        tools = _tools(Path(root))
        env = {**box.environment({}), "PATH": f"{tools}:/usr/bin:/bin", "COLUMNS": "118", "TERM": "dumb"}
        return _BLOCK.sub(lambda block: _run(block[0], box.cwd, env), text)


def _tools(root: Path) -> Path:
    """A directory with ``agentguard`` and the stand-ins."""
    tools = root / "tools"
    tools.mkdir()
    ours = f'#!/bin/sh\nPYTHONPATH="{README.parent}" exec "{sys.executable}" -m agentguard "$@"\n'
    for name, content in (("agentguard", ours), *((name, "#!/bin/sh\nexit 99\n") for name in STAND_INS)):
        (tools / name).write_text(content)
        (tools / name).chmod(0o755)
    return tools


def _run(block: str, cwd: str, env: dict[str, str]) -> str:
    """The block with each ``$ `` line (and its ``> `` lines) followed by what it prints."""
    written = ""
    for command in re.findall(r"^\$ .*\n(?:^> .*\n)*", block, re.MULTILINE):
        text = "\n".join(line[2:] for line in command.splitlines())
        done = subprocess.run(
            ["/bin/bash", "-c", text],
            cwd=cwd,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        output = "\n".join(line.rstrip() for line in done.stdout.replace(os.path.dirname(cwd), "~").splitlines())
        written += f"{command}{output}\n" if output else command
    return written


if __name__ == "__main__":
    README.write_text(current(README.read_text()))
