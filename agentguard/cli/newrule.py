"""``agentguard rules new``: a rule of one's own, proved before it is written."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence

from agentguard.policy import user_rules


class RuleRefused(Exception):
    """The rule is not written; ``reasons`` are one line each."""

    def __init__(self, reasons: Sequence[str]) -> None:
        super().__init__("; ".join(reasons))
        self.reasons = tuple(reasons)


def write(rule_id: str, given: Mapping[str, object], directory: str | None = None) -> str:
    """Add a rule to the pack that its id names, in the user's own directory. Returns the path of the pack file.

    ``given`` are the options of the command. Raises RuleRefused where the pack would not load, or where an
    example does not come out as it says.
    """
    import tomli_w

    pack, dot, _ = rule_id.rpartition(".")
    if not dot or "/" in pack or pack.startswith("."):
        raise RuleRefused([f"{rule_id}: an id is PACK.NAME"])
    path = os.path.join(directory or user_rules(), f"{pack}.toml")
    old = _content(path)
    head = {} if old else {"pack": {"id": pack, "summary": f"rules of my own: {pack}"}}
    text = tomli_w.dumps({**head, "rule": [rule_table(rule_id, given)]})
    content = f"{old.rstrip()}\n\n{text}" if old else text
    _prove(path, content, rule_id)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    temporary = f"{path}.new"
    with open(temporary, "w", encoding="utf-8") as file:
        file.write(content)
    os.replace(temporary, path)
    return path


def rule_table(rule_id: str, given: Mapping[str, object]) -> dict[str, object]:
    """The ``[[rule]]`` table for the options of the command."""
    call = {
        "program": given["program"],
        "subcommand": given.get("subcommand"),
        "any": _list(given.get("options")),
        "operand": given.get("operand"),
    }
    facts = ("title", "severity", "reversible", "loses", "instead")
    return {
        "id": rule_id,
        **{name: given[name] for name in facts},
        "call": {key: value for key, value in call.items() if value},
        "examples": {"stop": _list(given.get("stop")), "run": _list(given.get("run"))},
    }


def _prove(path: str, content: str, rule_id: str) -> None:
    import tempfile

    from agentguard.rulebook.load import load
    from agentguard.rulebook.prove import prove

    with tempfile.TemporaryDirectory() as folder:
        with open(os.path.join(folder, os.path.basename(path)), "w", encoding="utf-8") as file:
            file.write(content)
        rulebook = load(user=[folder])
        reasons = [problem.reason for problem in rulebook.problems]
        if not reasons:
            rules = [rule for rule in rulebook.rules if rule.id == rule_id]
            reasons = [str(failure) for failure in prove(rules, rulebook)]
    if reasons:
        raise RuleRefused(reasons)


def _content(path: str) -> str:
    try:
        with open(path, encoding="utf-8") as file:
            return file.read()
    except FileNotFoundError:
        return ""


def _list(value: object) -> list[object]:
    return list(value) if isinstance(value, tuple | list) else []
