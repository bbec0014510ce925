"""``docker compose config``: it prints the whole configuration with the values of the environment files in it."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from agentguard.interpret.invocation import Effect, Invocation
from agentguard.operations import CredentialRead, ProgramCall
from agentguard.programs import secret_names as names
from agentguard.world import reading
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


def config(call: ProgramCall, invocation: Invocation, world: World) -> Iterator[Effect]:
    """Asks only where an environment file of the project holds something that is named like a secret."""
    if call.words()[:2] not in (("compose", "config"), ("compose", "convert")) or "captured" in invocation.tags:
        return
    if call.has("--environment"):
        yield CredentialRead("the environment of the project", "print")
        return
    if call.has(*_QUIET):
        return
    for path in _environment_files(call, invocation, world):
        content = reading.text(path, invocation, world) or ""
        if any(value and names.variable(name) for name, value in reading.assigned(content)):
            yield CredentialRead(path, "print")


def _environment_files(call: ProgramCall, invocation: Invocation, world: World) -> list[str]:
    """The files that compose reads values from: ``.env``, ``--env-file``, and ``env_file`` in the configuration."""
    given = [str(path) for path in call.values("--env-file")]
    found = given or [".env"]
    files = [str(path) for path in call.values("-f", "--file")] or [*_FILES]
    for file in files:
        folder = posixpath.dirname(file)
        found += [posixpath.join(folder, name) for name in _env_files(reading.text(file, invocation, world) or "")]
    return [reading.absolute(path, invocation) or path for path in dict.fromkeys(found)]


def _env_files(text: str) -> Iterator[str]:
    """What ``env_file`` names in a configuration: a file, or a list of files and of mappings with a ``path``."""
    if "env_file" not in text:
        return
    from agentguard.syntax.yaml_nodes import mappings, read

    for document in read(text).documents:
        for service in mappings(document):
            given = service.get("env_file")
            for item in (given.items or (given,)) if given is not None else ():
                if name := item.value or item.text("path"):
                    yield name
