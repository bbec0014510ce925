"""A passphrase that approving can ask for besides: what an agent cannot type because it does not know it.

``passphrase`` in the state directory holds the numbers of scrypt, the salt and the key, as JSON; never the words.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import secrets

from agentguard.confirm.state import StateError, directory, open_file

NAME = "passphrase"
#: tries without a pause; each one more doubles the pause
TRIES = 5
_N, _R, _P = 2**15, 8, 1
_MEMORY = 128 * _N * _R * 2
_SHORTEST = 6


class PassphraseError(Exception):
    """It is wrong, cannot be asked for, or must wait. The message is for a person."""


def is_set() -> bool:
    """Whether approving asks for one.

    Raises:
        StateError: the state directory cannot be used.
    """
    return os.path.lexists(os.path.join(directory(), NAME))


def store(words: str) -> None:
    """Ask for these words from now on.

    Raises:
        PassphraseError: they are too short.
        StateError, OSError: they cannot be stored.
    """
    if len(words) < _SHORTEST:
        raise PassphraseError(f"a passphrase has at least {_SHORTEST} characters")
    salt = secrets.token_bytes(16)
    held = {"n": _N, "r": _R, "p": _P, "salt": salt.hex(), "key": _key(words, _N, _R, _P, salt).hex()}
    temporary = f"{NAME}.{os.getpid()}"
    descriptor = open_file(temporary)
    assert descriptor is not None
    with open(descriptor, "w", encoding="ascii") as target:
        json.dump(held, target)
        target.flush()
        os.fsync(descriptor)
    os.replace(os.path.join(directory(), temporary), os.path.join(directory(), NAME))


def remove() -> None:
    """Ask for none any more."""
    os.unlink(os.path.join(directory(), NAME))


def matches(words: str) -> bool:
    """Whether these are the words.

    Raises:
        PassphraseError: the file cannot be read; then nothing matches.
    """
    descriptor = open_file(NAME, create=False)
    if descriptor is None:
        raise PassphraseError("no passphrase is set")
    with open(descriptor, encoding="ascii", errors="replace") as source:
        text = source.read(4096)
    try:
        held = json.loads(text)
        salt, key = bytes.fromhex(held["salt"]), bytes.fromhex(held["key"])
        n, r, p = int(held["n"]), int(held["r"]), int(held["p"])
        if n < _N or r < _R or p < _P or len(key) != 32 or len(salt) < 16:
            raise ValueError("weaker than agentguard makes it")
        return hmac.compare_digest(_key(words, n, r, p, salt), key)
    except (ValueError, KeyError, TypeError) as error:
        raise PassphraseError(f"{os.path.join(directory(), NAME)} makes no sense: {error}") from error


def ask() -> None:
    """Ask for it at the terminal, without showing it, where one is set.

    Raises:
        PassphraseError: wrong, or too many tries lately.
        RequestsError: tries cannot be counted.
    """
    from agentguard.confirm import requests

    try:
        if not is_set():
            return
        left = requests.attempt(TRIES)
        if left > 0:
            raise PassphraseError(f"too many wrong passphrases; try again in {int(left) + 1} seconds")
        if not matches(prompt("passphrase: ")):
            raise PassphraseError("that is not the passphrase")
    except StateError as error:
        raise PassphraseError(str(error)) from error
    requests.forget_attempts()


def prompt(text: str) -> str:
    """A line from the terminal of this session, not shown.

    Raises:
        PassphraseError: there is no terminal, or nothing came.
    """
    import getpass
    import warnings

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")  # a terminal that would show what is typed is refused
            return getpass.getpass(text)
    except (OSError, EOFError, getpass.GetPassWarning) as error:
        raise PassphraseError("the passphrase can only be typed at a terminal") from error


def _key(words: str, n: int, r: int, p: int, salt: bytes) -> bytes:
    data = words.encode("utf-8", "surrogateescape")
    return hashlib.scrypt(data, salt=salt, n=n, r=r, p=p, maxmem=max(_MEMORY, 256 * n * r), dklen=32)
