"""Whether the person whose terminal this is can be asked right now. Cheap: it runs before every command."""

from __future__ import annotations

import os
from collections.abc import Mapping

from agentguard.harness.detect import HARNESS_MARKERS

TTY = "/dev/tty"


def attended(env: Mapping[str, str]) -> bool:
    """A terminal of their own, in the foreground, and no sign of an agent."""
    if any(env.get(name) for name in HARNESS_MARKERS) or not is_terminal(0):
        return False
    try:
        descriptor = os.open(TTY, os.O_RDWR | os.O_NOCTTY | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        return os.tcgetpgrp(descriptor) == os.getpgrp()
    except OSError:
        return False
    finally:
        os.close(descriptor)


def is_terminal(descriptor: int) -> bool:
    """Whether a descriptor is a terminal; one that is closed is none."""
    try:
        return os.isatty(descriptor)
    except OSError:
        return False
