"""Whether a text may be in a harness's frame at all: a look that costs nothing, before the frames are read."""

from __future__ import annotations

#: each frame holds one of these
_SIGNS = ("eval ", "exec '", "_bgpids_file=", "\n) </dev/null")


def possible(text: str) -> bool:
    """False only where :func:`agentguard.harness.envelopes.unwrap` would find nothing."""
    return any(sign in text for sign in _SIGNS)
