"""``agentguard rules new``: a rule of one's own, proved before it is written, or a draft of one to fill in."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from typing import Final

from agentguard.cli.proving import BLANK
from agentguard.cli.writing import put
from agentguard.policy import user_rules

#: what a rule has to say; with all of it given, a rule is proved and written, else a draft is
NEEDED: Final = ("title", "loses", "instead", "program", "stop", "run")
#: the matcher of a draft, by what the rule is about
MATCHERS: Final = {
    "call": """\
[rule.call]                     # a program that is started; every key must match, a list holds alternatives
program = {program}
{subcommand}
{options}
# none = ["--dry-run"]          # none of these options is given
# values = {{ "--env" = "^prod" }}  # an option and a regular expression that its value matches
{operand}
""",
    "http": """\
[rule.http]                     # a request, whatever program sends it; every key must match
host = "api.example.com"        # globs: *.example.com
method = ["DELETE", "POST"]
path = "/v1/releases/{{id}}"      # {{id}} is one part of the path, ** any number of them
# query = {{ force = "^true$" }}  # a name and a regular expression
# body = '"purge": ?true'       # a regular expression on what is sent
""",
    "graphql": """\
[rule.graphql]                  # an operation in GraphQL, whatever program sends it
endpoint = "api.example.com"
kind = "mutation"
field = ["releaseDelete", "*Purge"]
""",
    "sql": """\
[rule.sql]                      # a statement in SQL, whatever program sends it
verb = ["DELETE", "TRUNCATE"]
name = "^releases$"             # a regular expression on the table
# where = false                 # only without a WHERE
""",
    "files": """\
[rule.files]                    # what happens to files, whatever program does it
action = ["delete", "overwrite"]  # also append replace move chmod read wipe
name = "*.release"              # globs on the file name, or on the whole path if they hold a slash
""",
}
_DRAFT: Final = """\
# What is marked {blank} is yours to write. How: agentguard rules guide
[[rule]]
id = {id}
title = {title}
severity = {severity}               # critical · high · medium: a person is asked · low: it runs
reversible = {reversible}               # no · grace: for some time · partly · yes
loses = {loses}
instead = {instead}
# maybe = "supervise"           # where only running tells whether it applies: ask, supervise (run it) or ignore
# severity_in = {{ local = "low", staging = "medium" }}  # by where the target lies

{matcher}

# [rule.unless]                 # what excuses it, by any one key; [rule.when] asks for all
# environment = ["local"]

[rule.examples]                 # the proof, at least two each; agentguard rules test judges them
stop = {stop}
run = {run}
"""
_ID: Final = r"[A-Za-z0-9][A-Za-z0-9_-]*(?:\.[A-Za-z0-9][A-Za-z0-9_-]*)+"


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

    pack = _pack(rule_id)
    path = os.path.join(directory or user_rules(), f"{pack}.toml")
    old = _content(path)
    head = {} if old else {"pack": {"id": pack, "summary": f"rules of my own: {pack}"}}
    text = tomli_w.dumps({**head, "rule": [rule_table(rule_id, given)]})
    content = f"{old.rstrip()}\n\n{text}" if old else text
    _prove(path, content, rule_id)
    put(path, content)
    return path


def draft(rule_id: str, kind: str, given: Mapping[str, object], output: str | None = None) -> str:
    """Write a rule that loads, with the texts and examples that were not given left to be filled in.

    It is added to the user's pack that its id names, or written to the new file ``output``. ``kind`` is a key of
    MATCHERS. Returns the path. Raises RuleRefused where the id is taken or the file is there already.
    """
    pack = _pack(rule_id)
    path = output or os.path.join(user_rules(), f"{pack}.toml")
    if not path.endswith(".toml"):
        raise RuleRefused([f"{path}: the name of a pack ends in .toml"])
    old = _content(path)
    if output and os.path.lexists(path):
        raise RuleRefused([f"{path} is there already; nothing was written"])
    _refuse_taken(rule_id, path, old)
    head = "" if old else f"[pack]\nid = {_toml(pack)}\nsummary = {_toml(f'rules of my own: {pack}')}\n"
    text = draft_text(rule_id, kind, given)
    put(path, f"{old.rstrip()}\n\n{text}" if old else f"{head}\n{text}")
    return path


def draft_text(rule_id: str, kind: str, given: Mapping[str, object]) -> str:
    """The ``[[rule]]`` of a draft."""
    matcher = MATCHERS[kind].format(
        program=_toml(given.get("program") or "PROGRAM"),
        subcommand=_line("subcommand", given.get("subcommand"), '"drop"', "its first words; * is any word"),
        options=_line("any", _list(given.get("options")), '["--force"]', "one of these is given, however spelled"),
        operand=_line("operand", given.get("operand"), '"^prod"', "a regular expression that some other word matches"),
    )
    return _DRAFT.format(
        blank=BLANK,
        id=_toml(rule_id),
        title=_toml(given.get("title") or f"{BLANK}: what it does to {{target}}, in a few words"),
        severity=_toml(given.get("severity") or "high"),
        reversible=_toml(given.get("reversible") or "no"),
        loses=_toml(given.get("loses") or f"{BLANK}: what is gone afterwards"),
        instead=_toml(given.get("instead") or f"{BLANK}: a command or a sentence."),
        matcher=matcher.rstrip(),
        stop=_examples(given.get("stop"), "a command that must be stopped", "the same in another spelling"),
        run=_examples(given.get("run"), "a near miss that must run", "the words where they do nothing"),
    )


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


def _pack(rule_id: str) -> str:
    if not re.fullmatch(_ID, rule_id):
        raise RuleRefused([f"{rule_id}: an id is PACK.NAME, of letters, digits and -"])
    return rule_id.rpartition(".")[0]


def _refuse_taken(rule_id: str, path: str, old: str) -> None:
    """An id names one rule; a pack that does not load is mended first."""
    from agentguard.rulebook.load import load
    from agentguard.rulebook.pack import read

    if any(rule.id == rule_id for rule in load().rules):
        raise RuleRefused([f"{rule_id} comes with agentguard already; nothing was written"])
    pack = read(path, old.encode()) if old else None
    if pack and pack.problems:
        raise RuleRefused([*map(str, pack.problems), f"{path} has to be mended first; nothing was written"])
    if pack and rule_id in pack.lines:
        raise RuleRefused([f"{path}:{pack.lines[rule_id]}: {rule_id} is there already; nothing was written"])


def _toml(value: object) -> str:
    import tomli_w

    return tomli_w.dumps({"x": value}).removeprefix("x = ").rstrip()


def _line(key: str, value: object, example: str, about: str) -> str:
    return f"{key} = {_toml(value)}" if value else f"{f'# {key} = {example}':<32}# {about}"


def _examples(value: object, *blanks: str) -> str:
    texts = [*_list(value), *(f"{BLANK}: {blank}" for blank in blanks)][: max(2, len(_list(value)))]
    return "[\n" + "".join(f"    {_toml(text)},\n" for text in texts) + "]"


def _content(path: str) -> str:
    try:
        with open(path, encoding="utf-8") as file:
            return file.read()
    except FileNotFoundError:
        return ""


def _list(value: object) -> list[object]:
    return list(value) if isinstance(value, tuple | list) else []
