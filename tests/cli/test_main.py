import subprocess
import sys

import pytest

from agentguard import __version__
from agentguard.cli import main as module


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-m", "agentguard", *arguments], capture_output=True, text=True)


def test_version():
    done = run("version")
    assert (done.returncode, done.stdout) == (0, f"agentguard {__version__}\n")


def test_help_lists_every_command():
    done = run("--help")
    assert done.returncode == 0
    assert all(f"  {name} " in done.stdout for name in module.COMMANDS)


@pytest.mark.parametrize("arguments", [("bogus",), ("check",), ("explain",), ("check", "--bogus", "x")])
def test_wrong_use_is_our_own_failure(arguments):
    done = run(*arguments)
    assert (done.returncode, done.stdout) == (125, "")
    assert "Traceback" not in done.stderr


def test_whatever_goes_wrong_is_one_line_and_125(monkeypatch, capsys):
    def fail(**_):
        raise RuntimeError("something\nodd")

    monkeypatch.setattr(module.cli, "main", fail)
    with pytest.raises(SystemExit) as ended:
        module.main()
    assert ended.value.code == 125
    assert capsys.readouterr().err == "agentguard: failed: something odd; nothing was run\n"
