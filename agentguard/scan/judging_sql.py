"""A file of SQL through the rules: each statement where it stands."""

from __future__ import annotations

import re

from agentguard.interpret.invocation import Invocation
from agentguard.interpret.values import Truth, literal
from agentguard.light import replace
from agentguard.operations import Database
from agentguard.programs.sql import facts
from agentguard.programs.sql_tokens import Statement, dialect, split
from agentguard.rulebook.load import Rulebook
from agentguard.rulebook.model import Severity
from agentguard.scan.in_scripts import severity
from agentguard.scan.model import Fragment, Hit
from agentguard.scan.own_columns import own
from agentguard.scan.own_tables import Own, computed
from agentguard.scan.places import Lines, place
from agentguard.world.protocol import World

#: Characters of a statement that are shown.
_SHOWN = 200


#: What only the text of one database holds → that database. The first that fits holds.
_SIGNS = tuple(
    (engine, re.compile(sign, re.IGNORECASE | re.MULTILINE))
    for engine, sign in (
        ("mysql", r"^\s*delimiter\s+\S+\s*$|/\*!\d{5}|\bengine\s*=\s*(?:innodb|myisam|memory)\b"),
        ("postgres", r"^\s*\\[a-z!.]|\$(?:[a-z_]\w*)?\$|\be'(?:[^'\\]|\\.)*'"),
        ("mssql", r"^\s*go\s*;?\s*$|\[dbo\]"),
        ("sqlite", r"^\.[a-z]+\b|^\s*pragma\s"),
        ("mysql", r"^\s*#|`\w+`"),
    )
)


def _engine(text: str) -> str:
    """The database whose text it is, "" where that is any."""
    return next((engine for engine, sign in _SIGNS if sign.search(text)), "")


def judge_sql(fragment: Fragment, lines: Lines, world: World, rulebook: Rulebook) -> list[Hit]:
    """The findings in a file of SQL. What it creates itself, before or after, is its own to drop."""
    found: list[Hit] = []
    engine = _engine(fragment.text)
    statements = [item for item in split(fragment.text, dialect(engine)) if isinstance(item, Statement) and item.tokens]
    # the number of a statement goes with its facts as the user of the database, which no rule looks at
    run = [(statement, Database(engine, user=str(index))) for index, statement in enumerate(statements)]
    made = Own([statement.tokens for statement in statements])
    for fact in facts(run):
        index = int(fact.database.user)
        tokens = statements[index].tokens
        theirs = not made.holds(fact, index)
        made.follow(fact, index)
        if not theirs or (fact.verb == "UPDATE" and tokens[0].word == "UPDATE" and computed(tokens)):
            continue
        start, end = tokens[0].start, tokens[-1].end
        operation = replace(fact, database=Database(""))
        shown = " ".join(fragment.text[start:end].split())
        invocation = Invocation((literal("sql"),), (start, end), (), {}, literal(world.cwd))
        for finding in rulebook.findings(operation, invocation, world):
            weight = severity(finding.rule, fragment.kind, finding.severity)
            if weight is None or weight is Severity.LOW or finding.certainty is not Truth.YES:
                continue
            if finding.rule == "sql.drop-column" and own(made.statements, index):
                continue
            where = place(fragment, start, end)
            found.append(Hit(
                where, finding.rule, weight, finding.title, finding.target, finding.loses, finding.reversible,
                finding.instead, lines.line(where.line), shown[:_SHOWN], fragment.kind,
            ))  # fmt: skip
    return found
