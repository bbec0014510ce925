import shutil
from pathlib import Path

import pytest
from other_home import run

from agentguard import policy


@pytest.fixture(scope="session")
def warm(tmp_path_factory) -> Path:
    """A home directory in which the program has been started, so that its cache is filled."""
    home = tmp_path_factory.mktemp("warm")
    run(home, "exec", "--", "true", cwd=home)
    run(home, "check", "--", "git push --force origin main", cwd=home)
    return home


@pytest.fixture
def home(tmp_path, monkeypatch):
    """A user whose home is a directory of the test."""
    path = tmp_path / "home"
    path.mkdir()
    monkeypatch.setattr(policy, "user_home", lambda: str(path))
    return path


@pytest.fixture
def started(home, warm):
    """The same, where the program has been started before."""
    if (warm / ".cache").exists():
        shutil.copytree(warm / ".cache", home / ".cache")
    return home
