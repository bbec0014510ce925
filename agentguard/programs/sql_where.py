"""Whether a DELETE or UPDATE is limited to some rows, or its condition holds for every row."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from agentguard import regex
from agentguard.programs.sql_tokens import HOLE, Dialect, Kind, Token, vocabulary
from agentguard.programs.sql_words import group_end, name_at, words_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

    from sqlglot import exp

Tokens = Sequence[Token]

#: columns of which every row has a positive value
_KEYS: Final = regex.compile(r"(?:.*_)?(?:id|uuid|guid|pk)|rowid|oid|ctid|_id", re.IGNORECASE)
_LITERALS: Final = (Kind.NUMBER, Kind.STRING, Kind.PARAMETER, Kind.HOLE)
_ENDS: Final = vocabulary("RETURNING LIMIT ORDER OPTION SETTINGS WHEN")
#: longer or deeper conditions are not parsed
_LIMIT: Final = 20_000
_NESTING: Final = 60


def rows(tokens: Tokens, dialect: Dialect) -> tuple[bool, set[str]]:
    """``(limited, details)`` for the tokens of one statement, up to its end."""
    depth = 0
    details: set[str] = set()
    condition: Tokens | None = None
    for index, token in enumerate(tokens):
        word = token.word
        depth += (word == "(") - (word == ")")
        if depth < 0:
            break
        if depth == 0 and word == "WHERE" and condition is None:
            condition = tokens[index + 1 : _end(tokens, index + 1)]
        if depth == 0 and word == "LIMIT":
            details.add("LIMIT")
    if not condition:
        return False, details
    if _always(condition, tokens, dialect):
        return False, details | {"ALWAYS_TRUE"}
    return True, details


def _end(tokens: Tokens, start: int) -> int:
    depth = 0
    for index in range(start, len(tokens)):
        word = tokens[index].word
        depth += (word == "(") - (word == ")")
        if depth < 0 or (depth == 0 and word in _ENDS) or word == ";":
            return index
    return len(tokens)


def _always(condition: Tokens, statement: Tokens, dialect: Dialect) -> bool:
    if _selects(condition):
        return False
    large = condition[-1].end - condition[0].start > _LIMIT or words_of(condition).count("(") > _NESTING
    tree = None if large else _tree(condition, dialect)
    if tree is None:
        return any(_obvious(part) for part in _split(condition, "OR"))
    table = name_at(statement, words_of(statement).index("FROM") + 1)[0] if "FROM" in words_of(statement) else ""
    if not table and len(statement) > 1:
        table = name_at(statement, 1)[0]
    return _truth(tree, table.lower()) is True


def _selects(condition: Tokens) -> bool:
    """The everyday case, seen without a parser: some part of an AND compares a column with a value."""
    words = words_of(condition)
    if {"OR", "NOT", "XOR", "||", "CASE"} & set(words) or condition[0].word in ("(", ")"):
        return False
    return any(_compares(part) for part in _split(condition, "AND"))


def _compares(part: Tokens) -> bool:
    name, after = name_at(part, 0)
    if not name or part[0].kind not in (Kind.WORD, Kind.NAME) or after >= len(part):
        return False
    sign, rest = part[after].word, part[after + 1 :]
    if sign == "IN":
        return len(rest) > 1 and rest[1].kind in _LITERALS
    if len(rest) != 1 or rest[0].kind not in _LITERALS:
        return False
    return sign == "=" or (sign in ("<", ">", "<=", ">=") and not _KEYS.fullmatch(name.rsplit(".", 1)[-1]))


def _split(tokens: Tokens, separator: str) -> Iterator[Tokens]:
    start = place = 0
    while place < len(tokens):
        word = tokens[place].word
        if word == "(":
            place = group_end(tokens, place)
        elif word == separator:
            yield tokens[start:place]
            start = place + 1
        place += 1
    yield tokens[start:]


def _obvious(part: Tokens) -> bool:
    """``1``, ``TRUE``, ``x = x``, ``1 = 1`` where no parser helps."""
    inner = [token for token in part if token.word not in ("(", ")")]
    texts = [token.text.upper() for token in inner]
    if len(texts) == 1:
        return texts[0] == "TRUE" or (inner[0].kind is Kind.NUMBER and texts[0] != "0")
    if "=" in texts:
        middle = texts.index("=")
        return texts[:middle] == texts[middle + 1 :]
    return False


# ------------------------------------------------------------------------------------ with a parser


def _tree(condition: Tokens, dialect: Dialect) -> exp.Expr | None:
    """The condition as a tree, or None where it cannot be parsed."""
    import logging

    import sqlglot
    from sqlglot.errors import SqlglotError

    logging.getLogger("sqlglot").setLevel(logging.CRITICAL)  # it would write to the user's terminal
    text = " ".join(_written(token) for token in condition)
    try:
        return sqlglot.condition(text, dialect=dialect.glot or None)
    except (SqlglotError, RecursionError):
        return None


def _written(token: Token) -> str:
    """A token as the parser may read it; what is not known is a column of its own."""
    if token.kind is Kind.STRING:
        return "'" + token.text.replace("\\", "").replace("'", "''").replace(HOLE, "?") + "'"
    if token.kind is Kind.NAME:
        return "quoted_" + (re.sub(r"\W", "_", token.text) or "name")
    if token.kind in (Kind.HOLE, Kind.PARAMETER):
        return f"unknown_{token.start}"
    return token.text


def _truth(node: exp.Expr, table: str) -> bool | None:
    """True or False where the condition has this value for (practically) every row, else None."""
    from sqlglot import exp

    if isinstance(node, exp.Paren):
        return _truth(node.this, table)
    if isinstance(node, exp.Boolean):
        return bool(node.this)
    if isinstance(node, exp.Literal | exp.Neg):
        number = _number(node)
        return None if number is None else number != 0
    if isinstance(node, exp.Not):
        if isinstance(node.this, exp.Is) and isinstance(node.this.expression, exp.Null):
            return True if _key(node.this.this) or isinstance(node.this.this, exp.Literal) else None
        inner = _truth(node.this, table)
        return None if inner is None else not inner
    if isinstance(node, exp.And | exp.Or | exp.Xor):
        return _connected(node, _truth(node.this, table), _truth(node.expression, table))
    if isinstance(node, exp.Like | exp.ILike):
        pattern = node.expression
        return True if isinstance(pattern, exp.Literal) and pattern.is_string and set(pattern.this) == {"%"} else None
    if isinstance(node, exp.Is):
        if isinstance(node.expression, exp.Null) and node.args.get("negate"):
            return True if _key(node.this) or isinstance(node.this, exp.Literal) else None
        return True if isinstance(node.this, exp.Null) and isinstance(node.expression, exp.Null) else None
    if isinstance(node, exp.In):
        return _inside_itself(node, table)
    if isinstance(node, exp.EQ | exp.NEQ | exp.GT | exp.GTE | exp.LT | exp.LTE | exp.NullSafeEQ):
        return _compared(node)
    return None


def _connected(node: exp.Expr, one: bool | None, two: bool | None) -> bool | None:
    from sqlglot import exp

    if isinstance(node, exp.And):
        return False if False in (one, two) else True if one and two else None
    if isinstance(node, exp.Or):
        return True if True in (one, two) else False if one is False and two is False else None
    return None if one is None or two is None else one != two


def _compared(node: exp.Expr) -> bool | None:
    from sqlglot import exp

    left, right = node.this, node.expression
    if left.sql() == right.sql():
        return isinstance(node, exp.EQ | exp.GTE | exp.LTE | exp.NullSafeEQ)
    one, two = _number(left), _number(right)
    if one is not None and two is not None:
        outcomes: dict[type[exp.Expr], bool] = {
            exp.EQ: one == two,
            exp.NullSafeEQ: one == two,
            exp.NEQ: one != two,
            exp.GT: one > two,
            exp.GTE: one >= two,
            exp.LT: one < two,
            exp.LTE: one <= two,
        }
        return outcomes.get(type(node))
    if isinstance(left, exp.Literal) and isinstance(right, exp.Literal):
        return isinstance(node, exp.NEQ) or None
    if two is not None and two <= 0 and _key(left) and isinstance(node, exp.GT | exp.GTE | exp.NEQ):
        return True
    if one is not None and one <= 0 and _key(right) and isinstance(node, exp.LT | exp.LTE | exp.NEQ):
        return True
    return None


def _inside_itself(node: exp.Expr, table: str) -> bool | None:
    """``id IN (SELECT id FROM the_same_table)``."""
    from sqlglot import exp

    query = node.args.get("query")
    inner = query.this if isinstance(query, exp.Subquery) else query
    if not isinstance(inner, exp.Select) or any(inner.args.get(key) for key in ("where", "limit", "joins", "having")):
        return None
    tables = [found.name.lower() for found in inner.find_all(exp.Table)]
    return True if tables == [table.rsplit(".", 1)[-1]] else None


def _key(node: exp.Expr) -> bool:
    from sqlglot import exp

    return isinstance(node, exp.Column) and bool(_KEYS.fullmatch(node.name.removeprefix("quoted_")))


def _number(node: exp.Expr) -> float | None:
    from sqlglot import exp

    if isinstance(node, exp.Neg):
        inner = _number(node.this)
        return None if inner is None else -inner
    if isinstance(node, exp.Literal) and not node.is_string:
        try:
            return float(node.this)
        except ValueError:
            return None
    return None
