"""The light dataclasses behave like those of the standard library where it matters: copies share nothing made anew."""

from __future__ import annotations

from agentguard.light import dataclass, field, replace
from agentguard.programs.option_table import Table


@dataclass(frozen=True, slots=True)
class Remembering:
    name: str
    seen: dict[str, int] = field(default_factory=dict, init=False, compare=False, repr=False)


def test_a_copy_makes_anew_what_no_argument_gives() -> None:
    first = Remembering("a")
    first.seen["x"] = 1
    second = replace(first, name="b")
    assert (second.name, second.seen) == ("b", {})
    assert replace(first).seen is not first.seen


def test_a_table_made_from_another_does_not_share_its_sub_commands() -> None:
    table = Table.from_toml({"names": ["tool"], "flag": "-v", "sub": {"push": {"same": ["-f --force"]}}})
    below = table.at(("other",))
    below.at(("push",))
    assert table.at(("push",)).canonical("-f") == "--force"
    assert table.child("push") is not None
