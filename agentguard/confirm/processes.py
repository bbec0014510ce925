"""The tree of processes, as far as this user may see it: ``/proc`` on Linux, ``ps`` elsewhere."""

from __future__ import annotations

import os
from collections.abc import Iterator

from agentguard.light import dataclass

#: where the tree ends: the process with this id is not looked at any more
TOP = 0
_DEEPEST = 128
_LONGEST = 1 << 20


@dataclass(frozen=True, slots=True)
class Process:
    """``start`` tells two processes of one id apart: clock ticks since the machine started, or a date elsewhere.

    ``name`` is the kernel's name for it, ``program`` the path of its file ("" where unreadable), ``words`` its
    command line. ``environment`` is the one it was started with, empty where it cannot be read.
    """

    pid: int
    parent: int
    session: int
    terminal: int
    start: str
    name: str
    program: str
    words: tuple[str, ...]
    environment: dict[str, str]


def read(pid: int) -> Process | None:
    """One process, or None where it is gone."""
    return _from_proc(pid) if os.path.isdir("/proc/self") else _from_ps(pid)


def ancestors(pid: int) -> Iterator[Process]:
    """The process and those above it, nearest first, up to the first of all."""
    for _ in range(_DEEPEST):
        if pid <= 0 or pid == TOP:
            return
        process = read(pid)
        if process is None:
            return
        yield process
        pid = process.parent


def ours(pid: int) -> bool:
    """Whether a process belongs to this user, so that its environment can be read."""
    try:
        return os.stat(f"/proc/{pid}").st_uid == os.getuid()
    except OSError:
        return False


def holders(terminal: str) -> list[int]:
    """Who holds the other end of ``/dev/pts/N``: the terminal program, or whatever made this terminal.

    Only processes of this user can be seen; empty where the kernel does not tell.
    """
    number = terminal.removeprefix("/dev/pts/")
    if not number.isdigit():
        return []
    found = []
    for entry in _names("/proc"):
        if entry.isdigit() and _holds(int(entry), number):
            found.append(int(entry))
    return found


def device(process: Process) -> int:
    """The number of the terminal that controls a process, as ``stat`` gives it; 0 for none."""
    number = process.terminal
    return os.makedev((number >> 8) & 0xFFF, (number & 0xFF) | ((number >> 12) & 0xFFF00)) if number else 0


def terminal_path(process: Process) -> str:
    """``/dev/pts/N`` where that is what controls a process, else ""."""
    number = device(process)
    return f"/dev/pts/{os.minor(number)}" if number and 136 <= os.major(number) <= 143 else ""


def _holds(pid: int, number: str) -> bool:
    for descriptor in _names(f"/proc/{pid}/fd"):
        try:
            if not os.readlink(f"/proc/{pid}/fd/{descriptor}").endswith("ptmx"):
                continue
        except OSError:
            continue
        for line in _text(f"/proc/{pid}/fdinfo/{descriptor}").splitlines():
            name, _, value = line.partition(":")
            if name == "tty-index" and value.strip() == number:
                return True
    return False


def _from_proc(pid: int) -> Process | None:
    try:
        fields = _stat(str(pid))
    except OSError:
        return None
    words = _text(f"/proc/{pid}/cmdline").rstrip("\0").split("\0")
    pairs = (entry.partition("=") for entry in _text(f"/proc/{pid}/environ").split("\0"))
    try:
        program = os.readlink(f"/proc/{pid}/exe")
    except OSError:
        program = ""
    return Process(
        *(pid, int(fields[1]), int(fields[3]), int(fields[4])),
        start=fields[19],
        name=_text(f"/proc/{pid}/comm").strip(),
        program=program,
        words=tuple(words),
        environment={name: value for name, sign, value in pairs if sign},
    )


def _stat(pid: str) -> list[str]:
    """The fields of ``/proc/PID/stat`` after the name, which may hold anything: state, parent, group, session, …"""
    with open(f"/proc/{pid}/stat", "rb") as file:
        return file.read().decode("ascii", "replace").rpartition(")")[2].split()


def _text(path: str) -> str:
    try:
        with open(path, "rb") as file:
            return file.read(_LONGEST).decode("utf-8", "surrogateescape")
    except OSError:
        return ""


def _names(path: str) -> list[str]:
    try:
        return os.listdir(path)
    except OSError:
        return []


def _from_ps(pid: int) -> Process | None:
    """``lstart`` is five words: ``Mon Nov  2 10:00:00 2026``. The environment is what ``-E`` adds to the command."""
    line = _ps(pid, "ppid=,lstart=,command=")
    parts = line.split(None, 6)
    if len(parts) < 7:
        return None
    words = tuple(parts[6].split())
    extended = _ps(pid, "command=", "-Eww")[len(parts[6]) :].split()
    pairs = (word.partition("=") for word in extended)
    try:
        session = os.getsid(pid)
    except OSError:
        session = 0
    return Process(
        *(pid, int(parts[0]), session, 0),
        start=" ".join(parts[1:6]),
        name=os.path.basename(words[0]) if words else "",
        program=words[0] if words else "",
        words=words,
        environment={name: value for name, sign, value in pairs if sign},
    )


def _ps(pid: int, columns: str, *options: str) -> str:
    import subprocess

    command = ["/bin/ps", *options, "-ww", "-o", columns, "-p", str(pid)]
    try:
        done = subprocess.run(command, capture_output=True, timeout=10, env={"LC_ALL": "C"}, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.decode("utf-8", "replace").strip()
