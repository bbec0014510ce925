"""``docker compose config``: it prints the whole configuration with the values of the environment files in it."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator

from agentguard import regex
from agentguard.interpret.invocation import Effect, Invocation
from agentguard.interpret.values import literal
from agentguard.operations import CredentialRead, ProgramCall
from agentguard.programs import secret_names as names
from agentguard.programs.contract import absolute, read_text
from agentguard.world.protocol import World

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

#: print names, or check without printing
_QUIET: Final = (
    *("--quiet", "-q", "--services", "--images", "--volumes", "--profiles", "--networks", "--models", "--hash"),
    *("--no-interpolate", "--variables", "--output", "-o", "--help"),
)
_FILES: Final = ("compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml")
_ENV_FILE: Final = regex.compile(r"^\s*env_file:\s*(?:\[([^\]\n]*)\]|(\S[^\n]*))?((?:\n\s*-\s*[^\n]*)*)", re.MULTILINE)
_NAME: Final = regex.compile(r"^\s*(?:export\s+)?([A-Za-z_]\w*)\s*=\s*\S", re.MULTILINE)


def config(call: ProgramCall, invocation: Invocation, world: World) -> Iterator[Effect]:
    """Asks only where an environment file of the project holds something that is named like a secret."""
    words = call.words()
    if "compose" not in words or not {"config", "convert"} & set(words) or "captured" in invocation.tags:
        return
    if call.has("--environment"):
        yield CredentialRead("the environment of the project", "print")
        return
    if call.has(*_QUIET):
        return
    for path in _environment_files(call, invocation, world):
        text = read_text(literal(path), invocation, world).known or ""
        if any(names.variable(name) for name in _NAME.findall(text)):
            yield CredentialRead(path, "print")


def _environment_files(call: ProgramCall, invocation: Invocation, world: World) -> list[str]:
    """The files that compose reads values from: ``.env``, ``--env-file``, and ``env_file`` in the configuration."""
    given = [str(path) for path in call.values("--env-file")]
    found = given or [".env"]
    files = [str(path) for path in call.values("-f", "--file")] or [*_FILES]
    for file in files:
        text = read_text(literal(file), invocation, world).known
        for match in _ENV_FILE.finditer(text or ""):
            entries = re.findall(r"[^\s,\"'\[\]-][^\s,\"'\]]*", " ".join(filter(None, match.groups())))
            folder = posixpath.dirname(file)
            found += [posixpath.join(folder, entry) for entry in entries if "/" in entry or "env" in entry]
    return [str(absolute(literal(path), invocation)) for path in dict.fromkeys(found)]
