"""Settings files of tools as the tools would find them: what this command line wrote comes before what lies on disk.

``kubectl config use-context prod && kubectl delete …`` is judged with the context that the first half chose.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping
from importlib import import_module

from agentguard import regex
from agentguard.interpret.invocation import Invocation
from agentguard.programs.contract import environment
from agentguard.world.protocol import World

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Final

_LINE: Final = regex.compile(r"^\s*(?:export\s+)?(\w+)\s*=\s*(.*?)\s*$", re.MULTILINE)


def text(path: str, invocation: Invocation, world: World) -> str | None:
    """The content of a file; a relative path starts at the working directory of the call. None where it is not
    known: on another machine, unreadable, or written with something that only running tells."""
    where = absolute(path, invocation)
    if where is None or invocation.place:
        return None
    if where in invocation.written:
        return invocation.written[where].known
    data = world.read(where)
    return data.decode("utf-8", "replace") if data is not None else None


def data(path: str, invocation: Invocation, world: World) -> Mapping[str, Any]:
    """The object in a JSON file, or the tables of a ``.toml`` file; empty where there is none or it cannot be read."""
    content = text(path, invocation, world)
    if content is None:
        return {}
    language: Any = import_module("tomllib" if path.endswith(".toml") else "json")
    try:
        found = language.loads(content.removeprefix("\ufeff"))
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def absolute(path: str, invocation: Invocation) -> str | None:
    """``path`` from the working directory of the call, None where that is not known."""
    base = invocation.cwd.known
    if not path.startswith("/") and base is None:
        return None
    return posixpath.normpath(posixpath.join(base or "/", path))


def variable(name: str, invocation: Invocation, world: World) -> str:
    """A variable as the program would see it, "" where it is unset or not known."""
    value = environment(name, invocation, world)
    return (value.known or "") if value is not None else ""


def at_home(path: str, world: World) -> str:
    """A path out of a variable or an option, in which the program itself expands ``~/``."""
    return world.home + path[1:] if path.startswith("~/") else path


def section(content: str, name: str) -> Mapping[str, str]:
    """The keys of one ``[name]`` of an INI file; the last value of a key counts. Names are compared as written."""
    found: dict[str, str] = {}
    inside = False
    for raw in content.splitlines():
        line = raw.strip()
        if line.startswith("["):
            inside = line.partition("]")[0].lstrip("[").strip() == name
        elif inside and "=" in line and not line.startswith(("#", ";")):
            key, _, value = line.partition("=")
            found[key.strip()] = value.strip()
    return found


def assigned(content: str) -> list[tuple[str, str]]:
    """The variables of an environment file (``export NAME="value"``) with their values, in order."""
    return [(name, scalar(value)) for name, value in _LINE.findall(content)]


def scalar(written: str) -> str:
    """A value of a settings file: what stands in its quotes, or what stands before a comment."""
    value = written.strip()
    if value[:1] in ("'", '"') and (end := value.find(value[0], 1)) > 0:
        return value[1:end]
    return f" {value}".partition(" #")[0].strip()


def host_of(address: str) -> str:
    """The host of a URL or ``host:port``, in lower case."""
    match = re.match(r"(?:[\w+.-]+://)?(?:[^/@]*@)?(\[[^\]]*\]|[^/:?#]*)", address)
    return match[1].strip("[]").lower() if match else ""
