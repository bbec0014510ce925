"""Importing bashlex without waiting for its grammar tables.

bashlex computes its LALR tables each time it is imported, which takes longer than everything else here. They are
kept in a cache file, named after the files of bashlex and the Python version, and put in place while
``bashlex.parser`` is imported. A missing, foreign, stale or damaged file only means that the slow import happens.
"""

from __future__ import annotations

import marshal
import os
import sys
from binascii import crc32
from importlib.machinery import PathFinder

from agentguard import kept

TYPE_CHECKING = False
if TYPE_CHECKING:
    from importlib.machinery import ModuleSpec
    from types import ModuleType
    from typing import Any

_FORMAT = 2


def load() -> ModuleType:
    """The module ``bashlex.parser``, imported the fast way where possible."""
    loaded = sys.modules.get("bashlex.parser")
    if loaded is not None:
        return loaded
    spec = PathFinder.find_spec("bashlex")
    if spec is None or spec.origin is None:
        return _slowly()
    name = f"bashlex-{fingerprint(os.path.dirname(spec.origin)):08x}.bin"
    tables = read(name)
    if tables is not None:
        module = _import_with(tables, spec)
        if module is not None:
            return module
    module = _slowly()
    kept.write(name, marshal.dumps(extract(module)))
    return module


def _slowly() -> ModuleType:
    import bashlex.parser

    module: ModuleType = bashlex.parser
    return module


def fingerprint(package: str) -> int:
    """Tells apart everything that the tables depend on: the Python, and the files of bashlex by size and time."""
    facts = [f"{_FORMAT} {sys.version}"]
    for name in ("parser.py", "tokenizer.py", "yacc.py"):
        status = os.stat(os.path.join(package, name))
        facts.append(f"{package} {name} {status.st_size} {status.st_mtime_ns}")
    return crc32("\n".join(facts).encode("utf-8", "surrogateescape"))


def extract(module: ModuleType) -> dict[str, Any]:
    """The tables of an imported ``bashlex.parser``, as plain data."""
    made = module.yaccparser
    return {
        "productions": [(p.name, tuple(p.prod), p.func) for p in made.productions],
        "action": {state: dict(row) for state, row in made.action.items()},
        "goto": {state: dict(row) for state, row in made.goto.items()},
        "defaulted": dict(made.defaulted_states),
    }


def read(name: str) -> dict[str, Any] | None:
    """The kept tables, or None where there are none that may be used."""
    content = kept.read(name)
    try:
        tables = marshal.loads(content) if content is not None else None
    except (ValueError, TypeError, EOFError):
        return None
    if not isinstance(tables, dict) or set(tables) != {"productions", "action", "goto", "defaulted"}:
        return None
    return tables


def _import_with(tables: dict[str, Any], spec: ModuleSpec) -> ModuleType | None:
    """Import ``bashlex.parser`` with these tables in the place of its table generator; None if they do not fit."""
    package = sys.modules["bashlex"] = type(sys)("bashlex")
    package.__spec__, package.__file__, package.__path__ = spec, spec.origin, spec.submodule_search_locations or []
    try:
        with _later("inspect"):
            import bashlex.yacc as yacc
        generate = yacc.yacc
        yacc.yacc = lambda **_: _parser(yacc, tables, sys.modules["bashlex.parser"].__dict__)
        try:
            import bashlex.parser as module
        finally:
            yacc.yacc = generate
        if spec.loader is not None:
            spec.loader.exec_module(package)
    except (KeyError, TypeError, ValueError, IndexError, AttributeError):
        for name in [name for name in sys.modules if name == "bashlex" or name.startswith("bashlex.")]:
            del sys.modules[name]
        return None
    loaded: ModuleType = module
    return loaded


class _later:
    """While in force, importing ``name`` gives a stand-in that imports the real module when it is used.

    The table generator of bashlex imports ``inspect`` for the making of tables, which never happens here.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self.ours: ModuleType | None = None

    def __enter__(self) -> None:
        if self.name not in sys.modules:
            self.ours = type(sys)(self.name)
            self.ours.__getattr__ = self._real  # type: ignore[method-assign]  # PEP 562: a module's own
            sys.modules[self.name] = self.ours

    def __exit__(self, *_: object) -> None:
        if self.ours is not None:
            del sys.modules[self.name]

    def _real(self, attribute: str) -> object:
        return getattr(__import__(self.name), attribute)


def _parser(yacc: ModuleType, tables: dict[str, Any], names: dict[str, Any]) -> Any:
    from types import SimpleNamespace

    productions = []
    for number, (name, symbols, function) in enumerate(tables["productions"]):
        production = yacc.Production(number, name, symbols, func=function)
        production.bind(names)
        productions.append(production)
    made = yacc.LRParser(
        SimpleNamespace(lr_productions=productions, lr_action=tables["action"], lr_goto=tables["goto"]),
        names["p_error"],
    )
    made.defaulted_states = tables["defaulted"]
    return made

