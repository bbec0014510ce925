"""The screens of a whole conversation are those that are kept, and what was agreed to ran, nothing else."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import needed
import pytest
from terminal.scenes import SCENES, SCREENS
from terminal.sitting import Sitting


@pytest.fixture(autouse=True)
def tmux() -> None:
    needed.program("tmux")


@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.__name__)
def test_the_screens(scene: Callable[[Sitting], Iterator[tuple[str, str]]]) -> None:
    with Sitting() as at:
        for name, screen in scene(at):
            assert f"{screen}\n" == (SCREENS / f"{name}.txt").read_text(encoding="utf-8"), name


def test_nobody_approves_out_of_sight() -> None:
    """The same terminal, but the person looks at another window of it: the keys come from somewhere else."""
    with Sitting() as at:
        at.look_away()
        at.line("agentguard watch")
        assert "nobody is looking at this tmux pane" in at.until("agentguard: ")
