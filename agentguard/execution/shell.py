"""Become the real shell: same process, descriptors, signals, environment and exit status."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Mapping, Sequence

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NoReturn

def words_for(shell: str, text: str) -> list[str]:
    """The call of a shell, with its own name first, that runs ``text``."""
    options = ["-c", "--"] if text[:1] in ("-", "+") else ["-c"]
    return [os.path.basename(shell), *options, text]


def become(program: str, words: Sequence[str]) -> NoReturn:
    """Replace this process by ``program``, called with ``words`` (its own name first).

    Raises:
        OSError: it could not be started.
    """
    for stream in (sys.stdout, sys.stderr):
        if stream is not None:  # as where it is closed
            stream.flush()
    for name in ("SIGPIPE", "SIGXFSZ"):  # Python ignores these, and that would be inherited
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), signal.SIG_DFL)
    os.execve(program, list(words), environment(os.environb))


def environment(current: Mapping[bytes, bytes]) -> dict[bytes, bytes]:
    """The environment this process was started with: without the ``LC_CTYPE`` that Python sets in the C locale."""
    env = dict(current)
    if b"LC_CTYPE" in env:
        given = _given(b"LC_CTYPE", env[b"LC_CTYPE"])
        if given is None:
            del env[b"LC_CTYPE"]
        else:
            env[b"LC_CTYPE"] = given
    return env


def _given(name: bytes, now: bytes) -> bytes | None:
    """The value that a variable had when this process was started; ``now`` where the system does not say."""
    try:
        with open("/proc/self/environ", "rb") as file:
            entries = file.read().split(b"\0")
    except OSError:
        return now
    return next((entry[len(name) + 1 :] for entry in entries if entry.startswith(name + b"=")), None)
