"""Tell the person on their desktop that something waits. Never needed, never waited for."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Mapping

_PATH = "/usr/local/bin:/usr/bin:/bin"
_PASSED = ("DISPLAY", "WAYLAND_DISPLAY", "DBUS_SESSION_BUS_ADDRESS", "XDG_RUNTIME_DIR", "XAUTHORITY", "HOME", "USER")


def notify(identity: str, title: str, env: Mapping[str, str]) -> bool:
    """Show ``title`` with the id of its request. False where no desktop can be reached."""
    command = _command(identity, title, env)
    if command is None:
        return False
    import subprocess

    try:
        subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            env={name: env[name] for name in _PASSED if name in env} | {"PATH": _PATH},
        )
    except OSError:
        return False
    return True


def _command(identity: str, title: str, env: Mapping[str, str]) -> list[str] | None:
    from agentguard.output import line

    shown = line(title, 200)
    if sys.platform == "darwin":
        program = shutil.which("osascript", path=_PATH)
        script = (
            "on run words\n"
            "display notification (item 1 of words) with title (item 2 of words)\n"
            "end run"
        )
        return None if program is None else [program, "-e", script, shown, f"agentguard asks: {identity}"]
    reachable = env.get("DBUS_SESSION_BUS_ADDRESS") or os.path.exists(f"/run/user/{os.getuid()}/bus")
    program = shutil.which("notify-send", path=_PATH)
    if program is None or not reachable:
        return None
    from html import escape  # notify-send reads markup in the body

    return [program, "--app-name=agentguard", "--", f"agentguard asks: {identity}", escape(shown)]
