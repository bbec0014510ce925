"""Nothing that an agent can type, export, or write into a project changes what becomes of a command that is stopped.

Every way is tried with the real program, started as it is installed (``-I``: Python's own variables are not read).
The command is ``git push --force origin main``; git is only a stand-in on the PATH that leaves a mark.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from other_home import ROOT, environment

PUSH = ("git", "push", "--force", "origin", "main")
#: the program, except that a request does not wait for an answer; where it looks for its files stays as it is
START = f"""
import sys
sys.path.append({ROOT!r})
from agentguard import policy
from agentguard.light import replace
load = policy.load
policy.load = lambda *given, **named: replace(load(*given, **named), wait=0, notify=False)
from agentguard.cli.main import main
main()
"""
LOOSE = """
mode = "observe"
shell = "/bin/true"
interactive = "always"
[confirm]
wait = 0
expires = 1440
[[allow]]
rule = "*"
reason = "everything"
"""


@pytest.fixture
def place(tmp_path: Path) -> Path:
    tools = tmp_path / "tools"
    tools.mkdir()
    git = tools / "git"
    git.write_text(f'#!/bin/sh\ntouch "{tmp_path}/pushed"\n')
    git.chmod(0o755)
    (tmp_path / "app" / "src").mkdir(parents=True)
    loose = tmp_path / "loose" / "agentguard"
    loose.mkdir(parents=True)
    (loose / "config.toml").write_text(LOOSE)
    return tmp_path


def guard(place: Path, *arguments: str, cwd: str = "app", env: dict[str, str] | None = None):
    """Run the program in a directory below ``place``, away from any terminal."""
    path = f"{place}/tools:{os.environ['PATH']}"
    return subprocess.run(
        [sys.executable, "-I", "-c", START, *arguments],
        cwd=place / cwd,
        env=environment(**{"PATH": path, **(env or {})}),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        start_new_session=True,
    )


def stopped(place: Path, *, failing: bool = False, **how) -> None:
    """``check`` says that a person would be asked, and ``exec`` refuses and runs nothing.

    ``failing``: the guard may say that it cannot work, which refuses too.
    """
    checked = guard(place, "check", "--", " ".join(PUSH), **how)
    assert checked.returncode in ((1, 125) if failing else (1,)), checked.stderr
    assert checked.stdout == b""
    done = guard(place, "exec", "--", *PUSH, **how)
    assert done.returncode in ((126, 125) if failing else (126,)), done.stderr
    assert not (place / "pushed").exists()


def test_the_stand_in_would_leave_its_mark(place):
    assert guard(place, "exec", "--", "git", "status").returncode == 0
    assert (place / "pushed").exists()


def test_the_command_is_stopped_to_begin_with(place):
    checked = guard(place, "check", "--", " ".join(PUSH))
    assert (checked.returncode, checked.stdout, checked.stderr) == (1, b"", b"")
    stopped(place)


def _loose_home(place: Path) -> str:
    for name in (".config", "Library/Application Support", ".local/state", ".cache"):
        (place / "home" / name).mkdir(parents=True)
        (place / "home" / name / "agentguard").symlink_to(place / "loose" / "agentguard")
    (place / "home" / ".agentguard.toml").write_text(LOOSE)
    return str(place / "home")


VARIABLES: dict[str, Callable[[Path], dict[str, str]]] = {
    "HOME": lambda place: {"HOME": _loose_home(place)},
    "HOME empty": lambda place: {"HOME": ""},
    "XDG_CONFIG_HOME": lambda place: {"XDG_CONFIG_HOME": f"{place}/loose"},
    "XDG_CONFIG_DIRS": lambda place: {"XDG_CONFIG_DIRS": f"{place}/loose"},
    "XDG_STATE_HOME": lambda place: {"XDG_STATE_HOME": f"{place}/loose"},
    "XDG_DATA_HOME and XDG_CACHE_HOME": lambda place: {
        "XDG_DATA_HOME": f"{place}/loose",
        "XDG_CACHE_HOME": f"{place}/loose",
    },
    "every AGENTGUARD variable one could think of": lambda place: {
        f"AGENTGUARD_{name}": value
        for name, value in {
            "MODE": "observe",
            "CONFIG": f"{place}/loose/agentguard/config.toml",
            "CONFIG_FILE": f"{place}/loose/agentguard/config.toml",
            "CONFIG_HOME": f"{place}/loose",
            "HOME": f"{place}/loose",
            "MANAGED": f"{place}/loose/agentguard/config.toml",
            "RULES": f"{place}/loose",
            "DISABLE": "1",
            "DISABLED": "1",
            "OFF": "1",
            "BYPASS": "1",
            "SKIP": "1",
            "ALLOW": "*",
            "YES": "1",
            "APPROVED": "1",
            "TRUST": "managed",
            "SHELL": "/bin/bash",
            "DEBUG": "1",
            "COMPLETE": "bash_source",
        }.items()
    },
    "click's completion": lambda place: {"_AGENTGUARD_COMPLETE": "bash_source"},
    "USER, LOGNAME and SUDO_USER": lambda place: {"USER": "nobody", "LOGNAME": "nobody", "SUDO_USER": "nobody"},
    "PYTHONPATH with a package of our name": lambda place: {"PYTHONPATH": _hijack(place)},
    "PYTHONSTARTUP, PYTHONINSPECT, PYTHONOPTIMIZE": lambda place: {
        "PYTHONSTARTUP": f"{_hijack(place)}/sitecustomize.py",
        "PYTHONINSPECT": "1",
        "PYTHONOPTIMIZE": "2",
    },
    "PYTHONUSERBASE and PYTHONPLATLIBDIR": lambda place: {"PYTHONUSERBASE": _hijack(place), "PYTHONPLATLIBDIR": "x"},
    "PYTHONWARNINGS and PYTHONBREAKPOINT": lambda place: {"PYTHONWARNINGS": "error", "PYTHONBREAKPOINT": "os.abort"},
    "PYTHONHOME": lambda place: {"PYTHONHOME": _hijack(place)},
    "TZ and locale": lambda place: {"TZ": "XXX+24", "LC_ALL": "C", "LANG": "tr_TR.ISO-8859-9", "PYTHONIOENCODING": "x"},
    "the shell's own": lambda place: {
        "BASH_ENV": f"{place}/loose/agentguard/config.toml",
        "ENV": f"{place}/loose/agentguard/config.toml",
        "SHELLOPTS": "noexec",
        "BASH_FUNC_git%%": "() { :; }",
        "SHELL": "/bin/true",
    },
    "git's own": lambda place: {
        "GIT_DIR": "/nonexistent",
        "GIT_WORK_TREE": "/nonexistent",
        "GIT_CONFIG_GLOBAL": "/dev/null",
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": "alias.push",
        "GIT_CONFIG_VALUE_0": "status",
        "GIT_CEILING_DIRECTORIES": "/",
    },
    "PWD and OLDPWD": lambda place: {"PWD": "/", "OLDPWD": "/"},
    "TMPDIR": lambda place: {"TMPDIR": str(place)},
    "a terminal by name only": lambda place: {"TERM": "xterm", "TTY": "/dev/tty", "SSH_TTY": "/dev/pts/0"},
    "no variable at all": lambda place: dict.fromkeys(("HOME", "USER", "LANG", "TERM", "SHELL"), ""),
}


def _hijack(place: Path) -> str:
    """A directory whose modules would let everything pass, if Python were to read them."""
    folder = place / "hijack"
    if not folder.exists():
        (folder / "agentguard").mkdir(parents=True)
        yes = f'import os, sys\nopen("{place}/pushed", "w").close()\nos._exit(0)\n'
        for name in ("sitecustomize.py", "usercustomize.py", "tomllib.py", "click.py", "agentguard/__init__.py",
                     "agentguard/__main__.py"):  # fmt: skip
            (folder / name).write_text(yes)
    return str(folder)


@pytest.mark.parametrize("name", VARIABLES)
def test_no_variable_changes_it(place, name):
    stopped(place, env=VARIABLES[name](place))


PROJECTS = {
    "everything": LOOSE,
    "observe": 'mode = "observe"\n',
    "an allowance": '[[allow]]\nrule = "git.*"\nreason = "fine"\n',
    "an inline allowance": 'allow = [{ rule = "*", reason = "fine" }]\n',
    "another shell": 'shell = "/bin/true"\n',
    "main as staging": '[environments.staging]\nbranches = ["*"]\n',
    "main as local": '[environments.local]\nbranches = ["*"]\nprojects = ["*"]\n',
    "no protected branches": "[environments.production]\nbranches = []\n",
    "a rule of its own": '[[rule]]\nid = "git.push-force"\nseverity = "low"\n',
    "broken": "mode = \n",
    "a mode that does not exist": 'mode = "off"\n',
    "not UTF-8": b"\xff\xfe",
    "huge": b"#" * 300_000,
    "deep": b"x = " + b"[" * 20_000,
    "empty": "",
    "carriage returns": '\rmode = "observe"\r',
}


@pytest.mark.parametrize("name", PROJECTS)
@pytest.mark.parametrize("cwd", ["app", "app/src"])
def test_no_project_file_changes_it(place, name, cwd):
    text = PROJECTS[name]
    (place / "app" / ".agentguard.toml").write_bytes(text if isinstance(text, bytes) else text.encode())
    stopped(place, cwd=cwd, failing=True)


def test_what_a_project_file_is_made_of_does_not_change_it(place):
    file = place / "app" / ".agentguard.toml"
    file.symlink_to(place / "loose" / "agentguard" / "config.toml")
    stopped(place, failing=True)
    file.unlink()
    file.symlink_to(file)
    stopped(place, failing=True)
    file.unlink()
    os.mkfifo(file)
    stopped(place, failing=True)
    file.unlink()
    file.mkdir()
    stopped(place, failing=True)


def test_a_tightening_part_holds_beside_a_loosening_one(place):
    (place / "app" / ".agentguard.toml").write_text(LOOSE.replace("observe", "strict"))
    assert guard(place, "check", "--", " ".join(PUSH)).returncode == 2
    done = guard(place, "exec", "--", *PUSH)
    assert done.stderr.count(b"left out") == 4
    assert b".agentguard.toml:3: left out: shell is only for the user's own file" in done.stderr


def test_what_is_left_out_is_not_told_where_nothing_is_asked(place):
    (place / "app" / ".agentguard.toml").write_text(LOOSE)
    done = guard(place, "exec", "--", "echo", "fine")
    assert (done.returncode, done.stdout, done.stderr) == (0, b"fine\n", b"")


@pytest.mark.parametrize("names", [("agentguard",), ("click", "tomllib", "os", "re", "enum"), ("sitecustomize",)])
def test_modules_in_the_working_directory_are_not_imported(place, names):
    for name in names:
        source = f'import os\nopen("{place}/pushed", "w").close()\nos._exit(0)\n'
        (place / "app" / f"{name}.py").write_text(source)
    stopped(place)


def test_a_directory_with_our_configuration_inside_is_only_a_directory(place):
    (place / "app" / "config.toml").write_text(LOOSE)
    (place / "app" / ".config" / "agentguard").mkdir(parents=True)
    (place / "app" / ".config" / "agentguard" / "config.toml").write_text(LOOSE)
    (place / "app" / "etc" / "agentguard").mkdir(parents=True)
    (place / "app" / "etc" / "agentguard" / "config.toml").write_text(LOOSE)
    stopped(place)


def test_a_removed_working_directory_does_not_lead_away_from_the_project(place):
    (place / "app" / ".agentguard.toml").write_text('mode = "strict"\n')
    script = 'cd "$1" && rmdir "$1" && shift && PWD=/ exec "$@"'
    words = [sys.executable, "-I", "-c", START, "check", "--", " ".join(PUSH)]
    done = subprocess.run(
        ["/bin/bash", "-c", script, "bash", f"{place}/app/src", *words],
        env=environment(), stdin=subprocess.DEVNULL, capture_output=True,
    )  # fmt: skip
    assert not (place / "app" / "src").exists()
    assert done.returncode == 2, done.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ("--mode", "observe", "exec", "--", *PUSH),
        ("exec", "--mode", "observe", "--", *PUSH),
        ("exec", "--mode=observe", "--", *PUSH),
        ("exec", "--yes", "--", *PUSH),
        ("exec", "-y", "--", *PUSH),
        ("exec", "--force", "--", *PUSH),
        ("exec", "--config", "loose.toml", "--", *PUSH),
        ("exec", "--attended", "--", *PUSH),
        ("exec", "--", "env", "AGENTGUARD_MODE=observe", *PUSH),
        ("exec", "-c", "AGENTGUARD_MODE=observe git push --force origin main"),
        ("exec", "-c", "export HOME=/tmp/x XDG_CONFIG_HOME=/tmp/x; git push --force origin main"),
        ("exec", "--", "agentguard", "exec", "--", *PUSH),
        ("exec", "-c", "agentguard config set mode observe; git push --force origin main"),
        ("exec", "-c", "printf 'mode = \"observe\"' > .agentguard.toml; git push --force origin main"),
        ("exec", "-c", "cd / && git push --force origin main"),
        ("exec", "-c", "yes | git push --force origin main"),
    ],
)
def test_no_argument_changes_it(place, arguments):
    done = guard(place, *arguments)
    assert done.returncode in (125, 126), (done.stdout, done.stderr)
    assert not (place / "pushed").exists()
    assert not (place / "app" / ".agentguard.toml").exists()
