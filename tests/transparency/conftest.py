from pathlib import Path

import other_home
import pytest
from transparency.pair import Pair


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One home for all calls: what agentguard keeps is made once, as for a user."""
    return other_home.impatient(tmp_path_factory.mktemp("home"))


@pytest.fixture
def pair(tmp_path: Path, home: Path) -> Pair:
    return Pair(tmp_path / "place", home)
