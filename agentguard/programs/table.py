"""Which adapter reads which program: the one explicit table.

The values are ``module:function`` below ``agentguard.programs``, imported when the program occurs in a command.
Programs without an entry are fully described by their option table in ``rules/``.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module

from agentguard.programs.contract import Adapter

#: The entry for programs named by a path outside the system's own directories (``./deploy.sh``).
BY_PATH = "./"

#: canonical program name → adapters, in order (their effects are added up)
ADAPTERS: dict[str, tuple[str, ...]] = {
}


@cache
def _load(reference: str) -> Adapter:
    module, _, name = reference.partition(":")
    function: Adapter = getattr(import_module(f"agentguard.programs.{module}"), name)
    return function


def adapters(program: str) -> tuple[Adapter, ...]:
    """The adapters of a program by its canonical name; empty where its option table says everything."""
    return tuple(_load(reference) for reference in ADAPTERS.get(program, ()))
