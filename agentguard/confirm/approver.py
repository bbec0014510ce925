"""Who may approve: a person at a terminal of their own, and nobody that an agent started.

Every sign that an agent stands behind the terminal is a reason to refuse. What can be known is looked at: markers in
the environment of this process and of each one above it, processes that the guard itself let run for an agent,
names of agents and of programs that make terminals for other programs, who holds the other end of the terminal, and
whether anybody looks at the tmux pane.

What cannot be prevented, because whoever acts has the same user id as the person:

* writing ``requests.db`` or removing ``passphrase`` with a program whose text the guard never saw (a compiled one, or
  a script in a file it could not read);
* changing or replacing the guard's own program files, or its Python, where the user may write them;
* typing into the person's own terminal window: through the window system (xdotool, accessibility, AppleScript),
  ``TIOCSTI`` on old kernels, or keys sent to a tmux, screen or editor terminal that the person is looking at;
* keys sent to a zellij or screen session that the person has attached;
* a compiled terminal maker of an unknown name, started away from the process tree of the agent and without its
  environment; on macOS, where the holder of a terminal cannot be asked for, any that is;
* a harness that sets no marker, is not known by name, and whose commands do not go through the guard;
* a debugger on a process of the person.

Refused although a person may sit there: terminals recorded by ``script``, terminals of Jupyter and of an editor's
remote server (they are made by a script in the home directory, and the editor's agent could type there as well).

Against the first two: another user id for the agent, or a container. Against typing: the passphrase.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping
from itertools import pairwise

from agentguard import regex
from agentguard.confirm import guarded, processes
from agentguard.confirm.processes import Process
from agentguard.harness.detect import HARNESS_MARKERS

#: programs of coding agents
HARNESSES = frozenset(
    (
        *("claude", "claude-code", "codex", "cursor-agent", "gemini", "gemini-cli", "opencode", "aider", "goose"),
        *("goosed", "crush", "hermes", "amp", "copilot", "cline", "qwen", "qwen-code", "kiro-cli", "droid", "auggie"),
        *("openhands", "plandex", "kilo", "kilocode", "roo", "devin", "swe-agent", "sweagent", "mini-swe-agent"),
        *("open-interpreter", "interpreter", "gptme", "forge", "codebuff", "agentguard-shell"),
    )
)
#: programs that make a terminal for another program, so that nobody needs to sit there
TERMINAL_MAKERS = frozenset(
    (
        *("script", "scriptlive", "expect", "unbuffer", "autoexpect", "socat", "empty", "faketty", "pexpect"),
        *("asciinema", "ttyrec", "termtosvg", "ttyd", "gotty", "dtach", "abduco", "rlwrap", "winpty", "zpty"),
    )
)
#: programs that run other programs' text; as the maker of a terminal only from where the system keeps its programs
_INTERPRETERS = regex.compile(r"(?:python|pypy|perl|ruby|node|nodejs|deno|bun|lua|luajit|tclsh|wish|php)[\d.]*")
_SYSTEM = ("/usr/", "/opt/", "/snap/", "/nix/store/", "/gnu/store/", "/app/", "/Applications/", "/System/")
_PRELOADING = ("LD_PRELOAD", "LD_AUDIT", "DYLD_INSERT_LIBRARIES")
_ELSEWHERE = "answer in a terminal window of your own that no agent has started"


def refusal(env: Mapping[str, str]) -> str:
    """Why the caller of this process may not approve; "" where it may."""
    return _marked(env) or _terminal() or _tree(env)


def _marked(env: Mapping[str, str]) -> str:
    for name in HARNESS_MARKERS:
        if env.get(name):
            return f"${name} says that a coding agent started this; {_ELSEWHERE}"
    for name in _PRELOADING:
        if env.get(name):
            return f"${name} is set, and what it loads could answer for you; unset it first"
    return ""


def _terminal() -> str:
    """The terminal must be this session's own, on standard input, and we in its foreground."""
    try:
        descriptor = os.open("/dev/tty", os.O_RDWR | os.O_NOCTTY | os.O_CLOEXEC)
    except OSError:
        return f"there is no terminal here; {_ELSEWHERE}"
    try:
        if os.tcgetpgrp(descriptor) != os.getpgrp():
            return f"this runs in the background of its terminal; {_ELSEWHERE}"
        if not os.isatty(0) or os.tcgetpgrp(0) != os.getpgrp():
            return f"standard input is not this terminal; {_ELSEWHERE}"
    except OSError:
        return f"standard input is not this terminal; {_ELSEWHERE}"
    finally:
        os.close(descriptor)
    return ""


def _tree(env: Mapping[str, str]) -> str:
    above = list(processes.ancestors(os.getpid()))
    if not above:
        return "the process tree cannot be read, so nobody can say who started this"
    reason = _first(above) or _other_input(above[0]) or _namespace(above) or _looped(above, env)
    if reason:
        return reason
    leader = next((process for process in above if process.pid == process.session), None)
    own = processes.terminal_path(above[0])
    makers = processes.holders(own)
    if leader is not None and leader.parent > 1 and leader.parent != processes.TOP:
        makers.append(leader.parent)
    for pid in dict.fromkeys(makers):
        maker = processes.read(pid)
        reason = _first(processes.ancestors(pid)) or (_made_by_text(maker) if maker is not None else "")
        if reason:
            return reason
    return _unwatched(above, env, own)


def _first(chain: Iterable[Process]) -> str:
    """The first reason against a process and those above it."""
    for process in chain:
        reason = suspicion(process)
        if reason:
            return f"{reason}; {_ELSEWHERE}"
    return ""


def suspicion(process: Process) -> str:
    """What speaks against a person behind this process, "" where nothing does."""
    called = f"process {process.pid} ({_called(process)})"
    marker = next((name for name in HARNESS_MARKERS if process.environment.get(name)), "")
    if marker:
        return f"{called} above this one was started by a coding agent (${marker})"
    if guarded.was_guarded(process):
        return f"{called} above this one runs guarded, for an agent"
    names = _names(process)
    if found := names & HARNESSES:
        return f"{called} above this one is a coding agent ({min(found)})"
    if found := names & TERMINAL_MAKERS:
        return f"{called} above this one makes terminals for programs ({min(found)})"
    if _runs_text(process) and any(re.search(r"\bpty\b|pexpect|\bPTY\b|forkpty|openpty", w) for w in process.words):
        return f"{called} above this one makes terminals for programs"
    return ""


def _called(process: Process) -> str:
    return process.name or os.path.basename(process.program) or "unknown"


def _names(process: Process) -> set[str]:
    """Everything the process goes by: the kernel's name, its file, its first word, and the script it interprets."""
    words = [word for word in process.words if word]
    names = {process.name, os.path.basename(process.program)}
    names |= {os.path.basename(word) for word in words[:1]}
    if _runs_text(process):
        names |= {_stem(word) for word in words[1:] if not word.startswith("-")}
        names |= {part for word in words[1:2] for part in word.split("/") if "node_modules" in word}
    return {name for name in names if name}


def _stem(word: str) -> str:
    name = os.path.basename(word)
    return re.sub(r"\.(?:py|js|mjs|cjs|ts|rb|pl|sh)$", "", name)


def _runs_text(process: Process) -> bool:
    candidates = (process.name, os.path.basename(process.program), *map(os.path.basename, process.words[:1]))
    return any(_INTERPRETERS.fullmatch(name) for name in candidates)


def _made_by_text(maker: Process) -> str:
    """An interpreter that made the terminal is a person's only where it runs a program that the system installed."""
    if not _runs_text(maker):
        return ""
    script = next((word for word in maker.words[1:] if word and not word.startswith("-")), "")
    plain = not any(word in ("-c", "-m", "-e", "--eval", "-") for word in maker.words[1:3])
    if plain and script.startswith(_SYSTEM) and _others_own(script):
        return ""
    return f"this terminal was made by a script (process {maker.pid}, {_called(maker)}); {_ELSEWHERE}"


def _others_own(path: str) -> bool:
    try:
        return os.stat(path).st_uid == 0
    except OSError:
        return False


def _namespace(above: list[Process]) -> str:
    """A tree that was cut off: the first process of a real machine or container has no terminal and all users."""
    first = above[-1]
    if first.pid == 1 and first.terminal and first.terminal == above[0].terminal:
        return f"the process tree ends at a program on this terminal (a namespace of its own); {_ELSEWHERE}"
    try:
        with open("/proc/self/uid_map", encoding="ascii") as file:
            rows = [line.split() for line in file]
    except OSError:
        return ""
    if len(rows) == 1 and rows[0][2] == "1":
        return f"this runs in a user namespace of its own, like unshare or bwrap; {_ELSEWHERE}"
    return ""


def _looped(above: list[Process], env: Mapping[str, str]) -> str:
    """ssh from this machine to itself leads out of every process tree."""
    connections = [env.get("SSH_CONNECTION", ""), *(p.environment.get("SSH_CONNECTION", "") for p in above)]
    for connection in filter(None, connections):
        parts = connection.split()
        client, server = parts[0], parts[2] if len(parts) > 2 else ""
        if client.startswith("127.") or client == "::1" or client == server:
            return f"this is an ssh connection from this machine to itself; {_ELSEWHERE}"
    if not any(connections):
        for below, process in pairwise(above):
            if process.name.startswith("sshd") and processes.ours(below.pid) and not below.name.startswith("sshd"):
                return f"this came over ssh, and from where is not known; {_ELSEWHERE}"
    return ""


def _other_input(this: Process) -> str:
    """Standard input must be the terminal of this very process; a terminal's other end would pass for one."""
    if os.path.isdir("/proc/self") and os.fstat(0).st_rdev not in (processes.device(this), os.makedev(5, 0)):
        return f"standard input is not this terminal; {_ELSEWHERE}"
    return ""


def _unwatched(above: list[Process], env: Mapping[str, str], own: str) -> str:
    """Below tmux and screen somebody must be looking: an agent can start them out of sight and type into them."""
    for process in above:
        name = process.name.lower()
        if name.startswith("tmux"):
            return _unwatched_pane(above, env, own)
        if name.startswith("screen"):
            attached = re.compile(rf"\s*{process.pid}\.\S*\s.*\bAttached\b", re.IGNORECASE)
            if not any(attached.match(line) for line in _asked("screen", "-ls")):
                return f"nobody is looking at this screen session; {_ELSEWHERE}"
            return ""
    return ""


def _unwatched_pane(above: list[Process], env: Mapping[str, str], own: str) -> str:
    variables = [env.get("TMUX", ""), *(process.environment.get("TMUX", "") for process in above)]
    socket = next(filter(None, variables), "").partition(",")[0]
    if not socket:
        return f"which tmux session this is cannot be told ($TMUX is not set); {_ELSEWHERE}"
    form = "#{pane_tty} #{session_attached} #{window_active} #{pane_active}"
    panes = _asked("tmux", "-S", socket, "list-panes", "-a", "-F", form)
    ours = [line.split()[1:] for line in panes if line.split()[:1] == [own or os.ttyname(0)]]
    if not any(attached != "0" and window == pane == "1" for attached, window, pane in ours):
        return f"nobody is looking at this tmux pane; {_ELSEWHERE}"
    for line in _asked("tmux", "-S", socket, "list-clients", "-F", "#{client_pid}"):
        if line.isdigit() and (reason := _first(processes.ancestors(int(line)))):
            return reason
    return ""


def _asked(name: str, *arguments: str) -> list[str]:
    """What a program of the system prints; nothing where it is not installed or does not answer."""
    import shutil
    import subprocess

    program = shutil.which(name, path="/usr/local/bin:/usr/bin:/bin:/opt/homebrew/bin:/opt/local/bin")
    if program is None:
        return []
    try:
        done = subprocess.run([program, *arguments], capture_output=True, timeout=10, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return []
    return done.stdout.decode("utf-8", "replace").splitlines()
