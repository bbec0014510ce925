"""Importing bashlex without waiting for its grammar tables.

bashlex computes its LALR tables each time it is imported, which takes longer than everything else here. They are
kept in a cache file, named after a digest of bashlex's own source and the Python version, and put in place while
``bashlex.parser`` is imported. A missing, foreign, stale or damaged file only means that the slow import happens.

This is the one module of the syntax stage that reads and writes files; ``directory`` says where and may be replaced.
"""

from __future__ import annotations

import hashlib
import importlib
import importlib.util
import json
import os
import stat
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

_FORMAT = 1


def _home_cache() -> Path | None:
    """``.cache/agentguard`` in the home that the password database gives.

    Neither ``HOME`` nor ``XDG_CACHE_HOME`` is asked: a command could point them at tables of its own making.
    """
    import pwd

    try:
        return Path(pwd.getpwuid(os.getuid()).pw_dir, ".cache", "agentguard")
    except KeyError:
        return None


#: Where the tables are kept; None: nowhere.
directory: Callable[[], Path | None] = _home_cache


def load() -> ModuleType:
    """The module ``bashlex.parser``, imported the fast way where possible."""
    loaded = sys.modules.get("bashlex.parser")
    if loaded is not None:
        return loaded
    place = directory()
    spec = importlib.util.find_spec("bashlex")
    if spec is None or spec.origin is None or spec.loader is None or place is None:
        return importlib.import_module("bashlex.parser")
    file = place / f"bashlex-{fingerprint(Path(spec.origin).parent)}.json"
    tables = read(file)
    if tables is not None:
        module = _import_with(tables, spec)
        if module is not None:
            return module
    module = importlib.import_module("bashlex.parser")
    write(file, extract(module))
    return module


def fingerprint(package: Path) -> str:
    """A digest of everything the tables depend on."""
    digest = hashlib.sha256(f"{_FORMAT} {sys.version}".encode())
    for name in ("parser.py", "tokenizer.py", "yacc.py"):
        digest.update((package / name).read_bytes())
    return digest.hexdigest()[:32]


def extract(module: ModuleType) -> dict[str, Any]:
    """The tables of an imported ``bashlex.parser``, in terms of JSON."""
    made = module.yaccparser
    return {
        "productions": [[p.name, list(p.prod), p.func] for p in made.productions],
        "action": sorted((state, dict(row)) for state, row in made.action.items()),
        "goto": sorted((state, dict(row)) for state, row in made.goto.items()),
        "defaulted": sorted(made.defaulted_states.items()),
    }


def read(file: Path) -> dict[str, Any] | None:
    """The tables in ``file``, or None unless the file is whole and only this user could have written it."""
    try:
        for path in (file.parent, file):
            facts = os.lstat(path)
            if stat.S_ISLNK(facts.st_mode) or facts.st_uid != os.geteuid() or facts.st_mode & 0o022:
                return None
        head, _, body = file.read_bytes().partition(b"\n")
    except OSError:
        return None
    if head.decode("ascii", "replace") != hashlib.sha256(body).hexdigest():
        return None
    try:
        tables = json.loads(body)
    except ValueError:
        return None
    if not isinstance(tables, dict) or set(tables) != {"productions", "action", "goto", "defaulted"}:
        return None
    return tables


def write(file: Path, tables: dict[str, Any]) -> bool:
    """Keep the tables for the next time; False where that is not possible."""
    body = json.dumps(tables, separators=(",", ":")).encode()
    temporary = file.with_name(f".{file.name}.{os.getpid()}")
    try:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(hashlib.sha256(body).hexdigest().encode() + b"\n" + body)
        os.replace(temporary, file)
    except OSError:
        return False
    return True


def _import_with(tables: dict[str, Any], spec: Any) -> ModuleType | None:
    """Import ``bashlex.parser`` with these tables in the place of its table generator; None if they do not fit."""
    package = importlib.util.module_from_spec(spec)
    sys.modules["bashlex"] = package
    try:
        yacc: Any = importlib.import_module("bashlex.yacc")
        generate = yacc.yacc
        yacc.yacc = lambda **_: _parser(yacc, tables, sys.modules["bashlex.parser"].__dict__)
        try:
            module = importlib.import_module("bashlex.parser")
        finally:
            yacc.yacc = generate
        spec.loader.exec_module(package)
    except (KeyError, TypeError, ValueError, IndexError, AttributeError):
        for name in [name for name in sys.modules if name == "bashlex" or name.startswith("bashlex.")]:
            del sys.modules[name]
        return None
    return module


def _parser(yacc: ModuleType, tables: dict[str, Any], names: dict[str, Any]) -> Any:
    productions = []
    for number, (name, symbols, function) in enumerate(tables["productions"]):
        production = yacc.Production(number, name, symbols, func=function)
        production.bind(names)
        productions.append(production)
    made = yacc.LRParser(
        SimpleNamespace(lr_productions=productions, lr_action=_rows(tables["action"]), lr_goto=_rows(tables["goto"])),
        names["p_error"],
    )
    made.defaulted_states = {int(state): int(rule) for state, rule in tables["defaulted"]}
    return made


def _rows(rows: list[Any]) -> dict[int, dict[str, int]]:
    return {int(state): dict(row) for state, row in rows}
