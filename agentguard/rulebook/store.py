"""The compiled index on disk: one file of small blobs behind a hash table, so that a look-up reads only its own blob.

Layout: magic, length and text of the stamp (which pack files it was made of), number of buckets, then for every
bucket offset, length and checksum of a marshalled dict. A file that is damaged, made by another engine, of other
packs, or that other users may write, counts as missing.
"""

from __future__ import annotations

import marshal
import os
import stat
import struct
from binascii import crc32
from collections.abc import Mapping

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

MAGIC: Final = b"agentguard-rules-1\n"
_HEAD: Final = struct.Struct("<II")  # length of the stamp, number of buckets
_SLOT: Final = struct.Struct("<III")  # offset, length, checksum
_KEPT: Final = 3


class Damaged(Exception):
    """A blob does not have its checksum."""


class Store:
    """An open file of compiled entries."""

    def __init__(self, descriptor: int, slots: int, count: int) -> None:
        self._descriptor = descriptor
        self._slots = slots
        self._count = count
        self._buckets: dict[int, dict[str, object]] = {}

    def get(self, key: str) -> object:
        """The entry of a key, or None. Raises Damaged."""
        number = crc32(key.encode("utf-8", "surrogatepass")) % self._count
        bucket = self._buckets.get(number)
        if bucket is None:
            slot = os.pread(self._descriptor, _SLOT.size, self._slots + number * _SLOT.size)
            if len(slot) != _SLOT.size:
                raise Damaged
            offset, length, checksum = _SLOT.unpack(slot)
            blob = os.pread(self._descriptor, length, offset)
            if len(blob) != length or crc32(blob) != checksum:
                raise Damaged
            bucket = self._buckets[number] = marshal.loads(blob)
        return bucket.get(key)


def forget(file: str) -> None:
    """Remove a damaged file, so that the next start writes a good one."""
    try:
        os.unlink(file)
    except OSError:
        return


def path(directory: str, stamp: str) -> str:
    """Where the compiled form of the packs with this stamp lies."""
    return os.path.join(directory, f"rules-{crc32(stamp.encode('utf-8', 'surrogateescape')):08x}.bin")


def load(file: str, stamp: str) -> Store | None:
    """Open a compiled file; None where there is none that may be used."""
    try:
        descriptor = os.open(file, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
    except OSError:
        return None
    store = _opened(descriptor, stamp.encode("utf-8", "surrogateescape"))
    if store is None:
        os.close(descriptor)
    return store


def _opened(descriptor: int, stamp: bytes) -> Store | None:
    status = os.fstat(descriptor)
    if not stat.S_ISREG(status.st_mode) or status.st_uid != os.getuid() or status.st_mode & 0o022:
        return None
    start = len(MAGIC) + _HEAD.size
    head = os.pread(descriptor, start + len(stamp), 0)
    if len(head) != start + len(stamp) or not head.startswith(MAGIC):
        return None
    length, count = _HEAD.unpack_from(head, len(MAGIC))
    if length != len(stamp) or head[start:] != stamp or not count:
        return None
    slots = start + length
    if status.st_size < slots + count * _SLOT.size:
        return None
    return Store(descriptor, slots, count)


def save(file: str, stamp: str, entries: Mapping[str, object]) -> None:
    """Write a compiled file for the next start. Nothing happens where that is impossible."""
    key = stamp.encode("utf-8", "surrogateescape")
    count = max(1, len(entries))
    buckets: list[dict[str, object]] = [{} for _ in range(count)]
    for name, entry in entries.items():
        buckets[crc32(name.encode("utf-8", "surrogatepass")) % count][name] = entry
    offset = len(MAGIC) + _HEAD.size + len(key) + count * _SLOT.size
    slots: list[bytes] = []
    blobs: list[bytes] = []
    for bucket in buckets:
        blob = marshal.dumps(bucket)
        slots.append(_SLOT.pack(offset, len(blob), crc32(blob)))
        blobs.append(blob)
        offset += len(blob)
    content = b"".join((MAGIC, _HEAD.pack(len(key), count), key, *slots, *blobs))
    directory = os.path.dirname(file)
    temporary = f"{file}.{os.getpid()}"
    try:
        os.makedirs(directory, mode=0o700, exist_ok=True)
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        with os.fdopen(descriptor, "wb") as out:
            out.write(content)
        os.replace(temporary, file)
        _sweep(directory, os.path.basename(file))
    except OSError:
        return


def _sweep(directory: str, newest: str) -> None:
    """Forget all but the last few compiled files."""
    found = [
        (entry.stat().st_mtime_ns, entry.path)
        for entry in os.scandir(directory)
        if entry.name.startswith("rules-") and entry.name.endswith(".bin") and entry.name != newest
    ]
    for _, old in sorted(found)[: -(_KEPT - 1)]:
        os.unlink(old)
