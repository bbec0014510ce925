"""Where the packs that come with agentguard are."""

from __future__ import annotations

import os

import agentguard


def installed() -> str:
    """The directory of the built-in packs: in the wheel, else in the checkout."""
    package = os.path.dirname(os.path.abspath(agentguard.__file__ or ""))
    inside = os.path.join(package, "_rules")
    return inside if os.path.isdir(inside) else os.path.join(os.path.dirname(package), "rules")
