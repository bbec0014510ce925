"""What is computed once and kept for the next start: small files in the user's cache directory.

The directory lies in the home that the password database gives. Neither ``HOME`` nor ``XDG_CACHE_HOME`` is asked: a
command could point them at files of its own making. A file that is damaged, or that others could have written,
counts as missing, and what cannot be written is computed again next time.
"""

from __future__ import annotations

import marshal
import os
import stat
import sys
from binascii import crc32

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable


def _of_the_user() -> str | None:
    import pwd

    try:
        return os.path.join(pwd.getpwuid(os.getuid()).pw_dir, ".cache/agentguard")
    except KeyError:
        return None


#: Where the files are kept; None: nowhere.
directory: Callable[[], str | None] = _of_the_user


def read(name: str) -> bytes | None:
    """What was kept under a name, or None unless the file is whole and only this user could have written it."""
    place = directory()
    if place is None:
        return None
    path = os.path.join(place, name)
    try:
        for part in (place, path):
            facts = os.lstat(part)
            if stat.S_ISLNK(facts.st_mode) or facts.st_uid != os.geteuid() or facts.st_mode & 0o022:
                return None
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
        with open(descriptor, "rb") as file:
            content = file.read()
    except OSError:
        return None
    whole = len(content) > 4 and int.from_bytes(content[:4], "little") == crc32(content[4:])
    return content[4:] if whole else None


def write(name: str, content: bytes) -> bool:
    """Keep ``content`` under a name; False where that is not possible."""
    place = directory()
    if place is None:
        return False
    temporary = os.path.join(place, f".{name}.{os.getpid()}")
    try:
        os.makedirs(place, mode=0o700, exist_ok=True)
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        with open(descriptor, "wb") as file:
            file.write(crc32(content).to_bytes(4, "little") + content)
        os.replace(temporary, os.path.join(place, name))
    except OSError:
        return False
    return True


class Table:
    """Many small things under one name: bytes by key, for one version of Python. What is new is written by ``keep``."""

    #: more than the program and a few versions of it hold; then the file begins anew
    MOST = 4_000

    def __init__(self, name: str) -> None:
        self._name = f"{name}-{sys.implementation.cache_tag}-{sys.hexversion:x}.bin"
        self._known: dict[object, bytes] | None = None
        self._new: dict[object, bytes] = {}

    def get(self, key: object) -> bytes | None:
        """What was kept for a key (plain data), or None."""
        if self._known is None:
            self._known = self._read()
        return self._known.get(key)

    def put(self, key: object, content: bytes) -> None:
        """Have it kept."""
        self._new[key] = content
        if self._known is not None:
            self._known[key] = content

    def keep(self) -> None:
        """Write down what is new since the start, if anything is."""
        if self._new:
            together = {**self._read(), **self._new}
            write(self._name, marshal.dumps(together if len(together) <= self.MOST else self._new))
            self._new = {}

    def _read(self) -> dict[object, bytes]:
        content = read(self._name)
        try:
            found = marshal.loads(content) if content is not None else {}
        except (ValueError, TypeError, EOFError):
            return {}
        return found if isinstance(found, dict) else {}


#: compiled code that is made at run time, of patterns and of the methods of light dataclasses; parsed settings
patterns = Table("patterns")
methods = Table("methods")
settings = Table("settings")


def keep() -> None:
    """Write down everything that was made since the start."""
    patterns.keep()
    methods.keep()
    settings.keep()
