"""Programs that tests cannot do without. On CI they have to be there; elsewhere their tests are skipped."""

from __future__ import annotations

import os
import shutil

import pytest


def program(name: str) -> str:
    """The path of a program. Where it is missing the test is skipped, or fails if ``AGENTGUARD_CI`` is 1."""
    found = shutil.which(name)
    if found is not None:
        return found
    if os.environ.get("AGENTGUARD_CI") == "1":
        pytest.fail(f"{name} is not installed; .ci/run installs it where apt-get exists")
    pytest.skip(f"needs {name}")
