"""The completions as the real shells give them: what is offered for a line, in bash, zsh and fish alike."""

from __future__ import annotations

import os
import pty
import re
import select
import shlex
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from needed import program

from agentguard.cli.completions import FOLDER
from agentguard.cli.main import COMMANDS

BASH = FOLDER / "agentguard.bash"
#: without what a system sets up for its shells
BARE = {"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "TERM": "dumb", "PS1": "ready$ "}


def in_bash(line: str, cwd: Path) -> set[str]:
    """Through the function alone: words are split as readline does, at ``=`` too."""
    words = [part for word in shlex.split(line) for part in re.split(r"(?<=[^=])(=)", word) if part]
    if line.endswith(" "):
        words.append("")
    code = f"""
        . {BASH}
        COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
        _agentguard 2> /dev/null
        printf '%s\\n' "${{COMPREPLY[@]}}"
    """
    done = subprocess.run(
        ["/bin/bash", "--norc", "-c", code, "bash", *words], cwd=cwd, env=BARE, capture_output=True, text=True
    )
    assert done.stderr == ""
    return set(done.stdout.splitlines()) - {""}


def in_fish(line: str, cwd: Path) -> set[str]:
    code = f"source {FOLDER / 'agentguard.fish'}; complete -C {shlex.quote(line)}"
    home = {"HOME": str(cwd), "XDG_CONFIG_HOME": str(cwd / ".none")}
    done = subprocess.run(
        [program("fish"), "--no-config", "-c", code], cwd=cwd, env=BARE | home, capture_output=True, text=True
    )
    assert done.stderr == ""
    return {offered.split("\t")[0] for offered in done.stdout.splitlines()}


#: in zsh's completion widget: what would be added is written into a file as well
ZSH = r"""
fpath=($FOLDER $fpath); autoload -Uz compinit; compinit -u -D
compadd() {
    local -a found
    if (( ${@[(I)-[OAD]*]} )); then builtin compadd "$@"; return; fi
    builtin compadd -A found "$@"
    print -rl -- $found >> offered
    builtin compadd "$@"
}
capture() { _main_complete; print -r -- end >> offered }
zle -C capture complete-word capture; bindkey '^I' capture; PS1='ready$ '
"""


def in_zsh(line: str, cwd: Path) -> set[str]:
    """At a terminal, the only place where zsh completes."""
    (cwd / ".zshrc").write_text(ZSH)
    offered = cwd / "offered"
    offered.unlink(missing_ok=True)
    where = {"HOME": str(cwd), "ZDOTDIR": str(cwd), "FOLDER": str(FOLDER)}
    with terminal([program("zsh"), "-d", "-i"], cwd, BARE | where) as screen:
        screen.until("ready$ ")
        screen.type(line + "\t")
        screen.until_true(lambda: offered.exists() and offered.read_text().endswith("end\n"))
    found = {name for name in offered.read_text().splitlines() if name} - {"end"}
    pack = re.search(r"(\w+)\.\S*$", line)  # a name of a rule is added without its beginning, and that with a suffix
    if pack and "rule" in line:
        return {f"{pack[1]}.{name}" for name in found}
    return {f"{name}." if name in ("git", "packages") and "rules" in line else name for name in found}


class Screen:
    """The other end of a terminal."""

    def __init__(self, descriptor: int) -> None:
        self.descriptor = descriptor
        self.text = ""

    def type(self, keys: str) -> None:
        os.write(self.descriptor, keys.encode())

    def until(self, text: str) -> str:
        """What was shown up to now, once ``text`` is in it; what comes later is seen by the next call."""
        self.until_true(lambda: text in self.text)
        shown, self.text = self.text, ""
        return shown

    def until_true(self, condition: Callable[[], bool]) -> None:
        end = time.monotonic() + 30
        while not condition():
            assert time.monotonic() < end, self.text
            if select.select([self.descriptor], [], [], 0.02)[0]:
                self.text += os.read(self.descriptor, 65536).decode(errors="replace").replace("\a", "")


@contextmanager
def terminal(command: list[str], cwd: Path, env: dict[str, str]) -> Iterator[Screen]:
    """A process that leads a terminal of its own; it is killed at the end."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        ["setsid", "-c", *command], stdin=theirs, stdout=theirs, stderr=theirs, cwd=cwd, env=env
    )
    os.close(theirs)
    try:
        yield Screen(ours)
    finally:
        process.kill()
        process.wait()
        os.close(ours)


SHELLS = {"bash": in_bash, "zsh": in_zsh, "fish": in_fish}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "packs").mkdir()
    (tmp_path / "pack one.toml").write_text("")
    (tmp_path / "packet").write_text("")
    return tmp_path


@pytest.fixture(params=SHELLS)
def offers(request: pytest.FixtureRequest, project: Path) -> Callable[[str], set[str]]:
    """What a shell offers for a line, without what says that a directory goes on and without quotes."""
    shell = SHELLS[request.param]
    return lambda line: {name.rstrip("/").replace("\\", "") for name in shell(line, project)}


CASES = {
    "agentguard ex": {"exec", "explain"},
    "agentguard rules s": {"show"},
    "agentguard config set ": {
        *("mode", "shell", "interactive", "confirm.wait", "confirm.expires", "confirm.notify"),
        *("audit.size", "audit.keep"),
    },
    "agentguard config set mode ": {"observe", "standard", "strict"},
    "agentguard config set mode str": {"strict"},
    "agentguard config set confirm.notify ": {"true", "false"},
    "agentguard config set mode strict ": set(),
    "agentguard log --verdict ": {"allow", "ask", "block"},
    "agentguard log --verdict=a": {"allow", "ask"},
    "agentguard log --verdict ask --ver": set(),
    "agentguard log --verdict ask ver": {"verify"},
    "agentguard log --since ": set(),
    "agentguard log --rule files.delete-ro": {"files.delete-root"},
    "agentguard log --cwd pack": {"packs"},
    "agentguard rules show gi": {"git."},
    "agentguard rules show git.push-force": {"git.push-force", "git.push-force-protected"},
    "agentguard rules show railway.api.volume-del": {"railway.api.volume-delete"},
    "agentguard rules show nothing.": set(),
    "agentguard rules list --json sql.drop-t": {"sql.drop-table"},
    "agentguard rules test pack": {"packs", "pack one.toml", "packet", "packages."},
    "agentguard config check pack": {"packs", "pack one.toml", "packet"},
    "agentguard shell-dir pack": {"packs"},
    "agentguard completions install --shell ": {"bash", "fish", "zsh"},
    "agentguard version ex": set(),
    "agentguard nothing ": set(),
    "agentguard exec -- realpa": {"realpath"},
    "agentguard exec realpath pack": {"packs", "pack one.toml", "packet"},
    "agentguard explain -- realpa": {"realpath"},
    "agentguard exec -- realpath -- pack": {"packs", "pack one.toml", "packet"},
    "agentguard check realpa": {"realpath"},
}


@pytest.mark.parametrize("line", CASES)
def test_a_shell_offers_what_can_stand_there(line: str, offers: Callable[[str], set[str]]) -> None:
    expected = CASES[line]
    found = {name.removeprefix("--verdict=") for name in offers(line)}
    if "log --verdict ask --ver" in line:  # a second one may be offered; the sub-command may not
        found -= {"--verdict"}
    if line.endswith(" "):  # zsh offers what is left, when nothing else is
        found -= {"-h", "--help"}
    assert found == expected


def test_every_command_is_offered(offers: Callable[[str], set[str]]) -> None:
    assert offers("agentguard ") == set(COMMANDS)


def test_options_are_offered(offers: Callable[[str], set[str]]) -> None:
    assert {"--json", "--batch", "--help"} <= offers("agentguard explain --")
    assert {"--rule", "--since", "--follow"} <= offers("agentguard log --")
    assert "--json" not in offers("agentguard config set --")


def test_bash_completes_at_a_terminal(project: Path) -> None:
    with terminal(["/bin/bash", "--norc", "-i"], project, BARE) as screen:
        screen.until("ready$ ")
        screen.type(f"PATH=/nowhere; . {BASH}\n")
        screen.until("ready$ ")
        screen.type("agentguard exp\t")
        assert "explain " in screen.until("explain ")
        screen.type("\x15agentguard rules show files.delete-ro\t")
        screen.until("files.delete-root ")
        screen.type("\x15agentguard rules show gi\tpush-for\t")
        screen.until("git.push-force")
        screen.type("\x15agentguard log --verdict=bl\t")
        screen.until("--verdict=block ")
        screen.type("\x15agentguard config check 'pack o\t")
        screen.until("pack one.toml'")


def test_bash_leaves_a_command_line_to_its_own_completion(project: Path) -> None:
    """Where bash-completion is there, its function is called with the number of the first word."""
    code = f"""
        . {BASH}
        _comp_command_offset() {{ printf 'offset %s\\n' "$1"; }}
        COMP_WORDS=(agentguard exec -- git pu) COMP_CWORD=4
        _agentguard
        COMP_WORDS=(agentguard exec -- gi) COMP_CWORD=3
        _agentguard
    """
    done = subprocess.run(["/bin/bash", "--norc", "-c", code], env=BARE, capture_output=True, text=True, check=True)
    assert done.stdout == "offset 3\noffset 3\n"


def test_bash_reads_the_file_quickly() -> None:
    """The best of some tries: the machine may be busy."""
    code = f"TIMEFORMAT=%U; for i in 1 2 3; do time for i in 1 2 3 4 5 6 7 8 9 10; do . {BASH}; done; done"
    done = subprocess.run(["/bin/bash", "--norc", "-c", code], env=BARE, capture_output=True, text=True, check=True)
    assert min(map(float, done.stderr.split())) < 10 * 0.010


def test_nothing_is_started_for_an_offer(project: Path) -> None:
    """With no program to be found the offers are the same."""
    words = "COMP_WORDS=(agentguard rules show files.delete-ro) COMP_CWORD=3"
    code = f"PATH=/nowhere; . {BASH}; {words}; _agentguard; echo $COMPREPLY"
    done = subprocess.run(["/bin/bash", "--norc", "-c", code], env=BARE, capture_output=True, text=True, check=True)
    assert (done.stdout, done.stderr) == ("files.delete-root\n", "")
