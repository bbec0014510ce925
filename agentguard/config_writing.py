"""Changing the user's own configuration file, one key at a time."""

from __future__ import annotations

import os
import tempfile

from agentguard.config import ConfigError, Trust
from agentguard.config_files import content, parse
from agentguard.config_keys import KEYS, Key
from agentguard.config_text import with_value
from agentguard.policy import user_home


def write(path: str, name: str, value: str) -> str:
    """Set one plain key in the file at ``path``, which need not exist. Returns the path that was written.

    Only that line changes: comments, order and every other byte stay.

    Raises:
        ConfigError: there is no such key, the value is not one for it, or the file cannot be used as it is.
        OSError: the file cannot be written.
    """
    key = KEYS.get(name)
    if key is None:
        raise ConfigError(f"{name} cannot be set here; known are {', '.join(KEYS)}")
    written = _toml(key, value)
    old = content(path, Trust.USER) or b""
    parse(path, old, Trust.USER, user_home())
    new = with_value(path, old.decode(), name, written).encode()
    parse(path, new, Trust.USER, user_home())
    real = os.path.realpath(path)
    os.makedirs(os.path.dirname(real), mode=0o700, exist_ok=True)
    _replace(real, new)
    return path


def _toml(key: Key, value: str) -> str:
    """The value as TOML, once it is one for the key."""
    given: object = value
    if key.most and value.isascii() and value.isdecimal():
        given = int(value)
    elif key.switch and value in ("true", "false"):
        given = value == "true"
    if not key.valid(given):
        raise ConfigError(f"{key.name} must be {key.wanted}")
    import tomli_w

    return tomli_w.dumps({"x": given}).partition("=")[2].strip()


def _replace(path: str, data: bytes) -> None:
    """Put ``data`` in the place of a file at once, with the permissions that it had."""
    mode = os.stat(path).st_mode & 0o777 if os.path.exists(path) else 0o600
    descriptor, made = tempfile.mkstemp(dir=os.path.dirname(path), prefix=".config-")
    try:
        with open(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(made, mode)
        os.replace(made, path)
    except OSError:
        os.unlink(made)
        raise
