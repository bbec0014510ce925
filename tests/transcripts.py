"""The transcripts of the README are real: ``python tests/transcripts.py`` writes them, the suite compares them.

Every programme in them that could do something is a stand-in that only fails, and each runs in a made-up project.
"""

from __future__ import annotations

import os
import re
import subprocess
import tempfile
from pathlib import Path

import other_home

from agentguard.rulebook.prove import ground
from agentguard.rulebook.sandbox import Sandboxes

#: ids of requests are drawn anew each time
_ID = re.compile(r"(?<=agentguard approve )\w{3}-\w{3}")
#: how long a scan takes
_TIME = re.compile(r"\(\d+\.\d s\)")
README = Path(__file__).parents[1] / "README.md"
STAND_INS = ("curl", "git", "psql", "railway", "rm", "terraform")
_BLOCK = re.compile(r"(?<=^```console\n).*?(?=^```$)", re.MULTILINE | re.DOTALL)


def current(text: str) -> str:
    """``text`` with the output in every console block as it is now."""
    with tempfile.TemporaryDirectory(prefix=".agentguard-readme-", dir=ground()) as root:
        box = Sandboxes(root).box({"git": "dirty"})
        tools = _tools(Path(root), box.cwd)
        env = {**box.environment({}), "PATH": f"{tools}:/usr/bin:/bin", "COLUMNS": "118", "TERM": "dumb"}
        return _BLOCK.sub(lambda block: _run(block[0], box.cwd, env), text)


def _tools(root: Path, cwd: str) -> Path:
    """A directory with ``agentguard`` for a user who does not wait for answers, and with the stand-ins."""
    tools = root / "tools"
    tools.mkdir()
    home = other_home.impatient(Path(os.path.dirname(cwd)))
    written = dict.fromkeys(STAND_INS, "#!/bin/sh\nexit 99\n")
    for name, entry in (("agentguard", "agentguard.cli.main"), ("agentguard-shell", "agentguard.cli.shell")):
        written[name] = other_home.script(home, entry)
    for name, content in written.items():
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
        shown = _TIME.sub("(0.1 s)", done.stdout)
        shown = _ID.sub("k7f-2mq", shown.replace(os.path.dirname(cwd), "~"))
        output = "\n".join(line.rstrip() for line in shown.splitlines())
        written += f"{command}{output}\n" if output else command
    return written


if __name__ == "__main__":
    README.write_text(current(README.read_text()))
