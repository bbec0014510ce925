"""A small stand-in for the driver: words → the effects of their adapter, in a made-up world."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from agentguard.interpret.invocation import Effect, InnerCommand, InnerScript, Invocation, Output
from agentguard.interpret.values import Value, literal
from agentguard.programs import table
from agentguard.programs.option_table import Table, merged
from agentguard.programs.options import default_table, parse
from agentguard.world.protocol import Repository
from agentguard.world.settings import Settings

ROOT = Path(__file__).parents[2]


@dataclass
class MadeWorld:
    """Files are given as path → text; everything else is missing."""

    files: Mapping[str, str] = field(default_factory=dict)
    env: Mapping[str, str] = field(default_factory=lambda: {"HOME": "/home/dev", "PATH": "/usr/bin:/bin"})
    cwd: str = "/home/dev/app"
    home: str = "/home/dev"
    settings: Settings = field(default_factory=Settings)

    def kind(self, path: str) -> str:
        if path in self.files:
            return "file"
        return "directory" if any(name.startswith(path.rstrip("/") + "/") for name in self.files) else "missing"

    def read(self, path: str, limit: int = 262_144) -> bytes | None:
        text = self.files.get(path)
        return text.encode() if text is not None else None

    def listing(self, path: str, limit: int = 2_000) -> tuple[str, ...] | None:
        return None

    def resolve(self, path: str) -> str:
        return path

    def repository(self, path: str) -> Repository | None:
        return None

    def project(self) -> str:
        return self.cwd


@cache
def _tables() -> dict[str, Table]:
    found: dict[str, Table] = {}
    raws: dict[str, dict[str, object]] = {}
    for pack in ("files", "packages", "wrappers", "code"):
        for entry in tomllib.loads((ROOT / "rules" / f"{pack}.toml").read_text())["program"]:
            for name in entry["names"]:
                own = {**entry, "names": [name]} if entry.get("each") else entry
                own = {key: value for key, value in own.items() if key != "each"}
                raw = merged(raws[name], own) if name in raws else own
                raws[name] = raw
                found[name] = Table.from_toml(raw)
    return found


def effects(
    *words: str | Value,
    stdin: str | Value | None = None,
    files: Mapping[str, str] | None = None,
    env: Mapping[str, Value | None] | None = None,
    written: Mapping[str, Value] | None = None,
) -> list[Effect]:
    """What the adapters say about these words."""
    world = MadeWorld({f"/home/dev/app/{k}" if k[0] != "/" else k: v for k, v in (files or {}).items()})
    argv = tuple(literal(word) if isinstance(word, str) else word for word in words)
    invocation = Invocation(
        argv,
        (0, 10),
        (),
        env or {},
        literal(world.cwd),
        stdin=literal(stdin) if isinstance(stdin, str) else stdin,
        written=written or {},
    )
    name = invocation.name or ""
    described = _tables().get(name)
    call = parse(described or default_table(name), argv)
    by_path = "/" in (argv[0].known or "")
    references = [*(table.adapters(table.BY_PATH) if by_path else ()), *table.adapters(call.program)]
    return [effect for adapter in references for effect in adapter(call, invocation, world)]


def commands(found: Iterable[Effect]) -> list[str]:
    """The inner commands and scripts as text."""
    texts = []
    for effect in found:
        if isinstance(effect, InnerCommand):
            texts.append(" ".join(map(str, effect.argv)))
        elif isinstance(effect, InnerScript):
            texts.append(str(effect.text))
    return texts


def printed(found: Iterable[Effect]) -> str | None:
    """The text of the only output, None where it is not known."""
    outputs = [effect.text for effect in found if isinstance(effect, Output)]
    assert outputs, "nothing is known of the output"
    texts = [text.known for text in outputs]
    return None if None in texts else "".join(text or "" for text in texts)
