import pytest

from agentguard import policy


@pytest.fixture
def home(tmp_path, monkeypatch):
    """A home directory of its own, for this process; programs are told it by ``person.program``."""
    path = tmp_path / "home"
    path.mkdir()
    monkeypatch.setattr(policy, "user_home", lambda: str(path))
    return path
