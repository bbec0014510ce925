"""Which processes the guard let run for an agent. ``agentguard approve`` refuses below any of them.

A guarded process becomes the shell it runs and keeps its id and start time, so an empty file of that name is enough:
``sessions/<boot>/p<pid>-<start>``, and ``s<session>-<start>`` for a session without a terminal, whose members go on
after their parents are gone. A session at a terminal is not written down: it may be a person's.
"""

from __future__ import annotations

import os

from agentguard import policy

TYPE_CHECKING = False
if TYPE_CHECKING:
    from agentguard.confirm.processes import Process

FOLDER = "sessions"
_PRUNE_EVERY = 256


def mark_guarded() -> bool:
    """Write down that this process runs for an agent. False where that could not be written; never raises.

    To be called where no person's terminal is attended, before becoming the shell. About 0.1 ms.
    """
    try:
        names = _own_names()
        folder = os.path.join(policy.user_state(), FOLDER, boot())
        for name in names:
            _touch(folder, name)
    except (OSError, ValueError, IndexError):
        return False
    if os.getpid() % _PRUNE_EVERY == 0:
        prune()
    return True


def was_guarded(process: Process) -> bool:
    """Whether this very process, or the session it is in, was written down."""
    folder = os.path.join(policy.user_state(), FOLDER, boot())
    if os.path.lexists(os.path.join(folder, f"p{process.pid}-{_name(process.start)}")):
        return True
    try:
        names = os.listdir(folder)
    except OSError:
        return False
    started = [name.partition("-")[2] for name in names if name.startswith(f"s{process.session}-")]
    if not started:
        return False
    from agentguard.confirm import processes

    leader = processes.read(process.session)  # a number is given again only after the whole session is gone
    return leader is None or _name(leader.start) in started or "0" in started


def prune() -> None:
    """Remove the names of processes that are gone, of sessions without members, and of earlier boots."""
    whole = os.path.join(policy.user_state(), FOLDER)
    current = boot()
    try:
        for name in os.listdir(whole):
            folder = os.path.join(whole, name)
            if os.path.islink(folder):
                continue
            for entry in os.listdir(folder):
                if name != current or _gone(entry):
                    os.unlink(os.path.join(folder, entry))
            if name != current:
                os.rmdir(folder)
    except OSError:
        return


def boot() -> str:
    """A name for the time since the machine was started; "any" where start times are dates."""
    try:
        with open("/proc/sys/kernel/random/boot_id", encoding="utf-8") as file:
            return file.read(8)
    except OSError:
        return "any"


def _own_names() -> list[str]:
    try:
        own = _stat("self")
        session = own[3]
        leader = own if session == str(os.getpid()) else _stat(session)
    except OSError:
        return _names_without_proc()
    names = [f"p{os.getpid()}-{own[19]}"]
    return names if own[4] != "0" else [*names, f"s{session}-{leader[19]}"]


def _stat(pid: str) -> list[str]:
    """State, parent, group, session, terminal, … start (19); read here, since loading what else reads it costs more."""
    with open(f"/proc/{pid}/stat", "rb") as file:
        return file.read().decode("utf-8", "replace").rpartition(")")[2].split()


def _names_without_proc() -> list[str]:
    from agentguard.confirm import processes

    own = processes.read(os.getpid())
    if own is None:
        return []
    names = [f"p{os.getpid()}-{_name(own.start)}"]
    return names if _has_terminal() else [*names, f"s{own.session}-0"]


def _has_terminal() -> bool:
    try:
        os.close(os.open("/dev/tty", os.O_RDONLY | os.O_NOCTTY))
    except OSError:
        return False
    return True


def _name(start: str) -> str:
    return "".join(character for character in start if character.isalnum())


def _touch(folder: str, name: str) -> None:
    flags = os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
    path = os.path.join(folder, name)
    try:
        descriptor = os.open(path, flags, 0o600)
    except FileNotFoundError:
        _make(folder)
        descriptor = os.open(path, flags, 0o600)
    os.close(descriptor)


def _make(folder: str) -> None:
    from agentguard.confirm.state import StateError, directory

    try:
        directory()
    except StateError as error:
        raise OSError(str(error)) from error
    os.makedirs(folder, 0o700, exist_ok=True)


def _gone(entry: str) -> bool:
    number = entry[1:].partition("-")[0]
    if not number.isdigit():
        return True
    if entry[0] == "s":
        return not _session_lives(int(number))
    try:
        os.kill(int(number), 0)
    except ProcessLookupError:
        return True
    except OSError:
        return False
    return False


def _session_lives(session: int) -> bool:
    from agentguard.confirm import processes

    try:
        members = [entry for entry in os.listdir("/proc") if entry.isdigit()]
    except OSError:
        return True
    for member in members:
        try:
            if os.getsid(int(member)) == session:
                return True
        except OSError:
            continue
    return processes.read(session) is not None
