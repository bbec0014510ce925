"""Files that commands write for a user."""

from __future__ import annotations

import os


def put(path: str, text: str, mode: int = 0o666) -> None:
    """Write a file as a whole, its directory too; what was there stays until the new one is complete.

    ``mode`` is what the umask takes its bits from. Raises OSError.
    """
    if folder := os.path.dirname(path):
        os.makedirs(folder, exist_ok=True)
    temporary = f"{path}.{os.getpid()}"
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, mode)
    with open(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
    os.replace(temporary, path)
