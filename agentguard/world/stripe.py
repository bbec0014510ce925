"""Stripe's test mode: with a test key the same addresses reach made-up customers and made-up money."""

from __future__ import annotations

from agentguard.interpret.invocation import Invocation
from agentguard.operations import HttpRequest, Operation
from agentguard.world.environments import LOCAL, UNKNOWN
from agentguard.world.protocol import World


def target(operation: Operation, invocation: Invocation, world: World) -> tuple[str, str]:
    """The address, and whether a test key goes with it."""
    assert isinstance(operation, HttpRequest)
    name = f"{operation.host}{operation.path}"
    keys = [value for header, value in operation.headers if header == "authorization"]
    if keys and all(_is_test(str(key), key.sources) for key in keys):
        return f"{name} (test mode)", LOCAL
    return name, UNKNOWN


def _is_test(key: str, sources: frozenset[str]) -> bool:
    if any(sign in key for sign in ("sk_test_", "rk_test_")):
        return "_live_" not in key
    return "_live_" not in key and any(source.startswith("env:") and "TEST" in source.upper() for source in sources)
