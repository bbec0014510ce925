"""Where the real shells are: never in a directory of ours, and never looked for along PATH, which a caller sets."""

from __future__ import annotations

import os

_PLACES = ("/bin", "/usr/bin", "/usr/local/bin", "/opt/homebrew/bin", "/run/current-system/sw/bin")


def find(name: str, bash: str) -> str:
    """The absolute path of the shell called ``name``; ``bash`` is the configured one, tried beside first.

    Raises:
        OSError: there is none.
    """
    for place in (os.path.dirname(bash), *_PLACES):
        path = os.path.join(place, name)
        if os.access(path, os.X_OK):
            return path
    raise FileNotFoundError(f"no real {name} in {', '.join(_PLACES)}")


def check(path: str) -> str:
    """The same path, if a program is there and not a script: ours are scripts, and would call each other for ever.

    Raises:
        OSError: it cannot be read, or is a script.
    """
    with open(path, "rb") as file:
        if file.read(2) == b"#!":
            raise OSError(f"{path} is a script and not the real shell; set shell in the configuration")
    return path
