"""What the plain statements change: those that hold no other statement or text to be executed."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence

from agentguard.operations import SqlStatement
from agentguard.programs import sql_alter, sql_where
from agentguard.programs.sql_tokens import Dialect, Kind, Token, vocabulary
from agentguard.programs.sql_words import name_at, names, words_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final, Protocol
else:
    Protocol = object

Tokens = Sequence[Token]


class Fact(Protocol):
    """Makes a statement on the database that is read."""

    def __call__(
        self, verb: str, object_: str = "", name: str = "", where: bool | None = None, *detail: str
    ) -> SqlStatement: ...


Reader = Callable[[Fact, Tokens, Dialect], Iterator[SqlStatement]]

#: kinds of things that CREATE and DROP name
OBJECTS: Final = vocabulary(
    "TABLE TEMPORARY TEMP DATABASE SCHEMA VIEW MATERIALIZED INDEX SEQUENCE FUNCTION PROCEDURE TRIGGER TYPE DOMAIN "
    "EXTENSION ROLE USER LOGIN OWNED TABLESPACE SERVER PUBLICATION SUBSCRIPTION POLICY KEYSPACE FOREIGN EVENT "
    "AGGREGATE DICTIONARY CATALOG WAREHOUSE STAGE PIPE STREAM TASK SHARE CONSTRAINT COLLECTION CLUSTER"
)
_TWO_WORDS: Final = {
    "MATERIALIZED": "VIEW",
    "FOREIGN": "TABLE",
    "EXTERNAL": "TABLE",
    "EVENT": "TRIGGER",
    "PLUGGABLE": "DATABASE",
    "LIVE": "VIEW",
    "ROW": "POLICY",
}
_WRITING_RIGHTS: Final = vocabulary(
    "INSERT UPDATE DELETE TRUNCATE DROP ALTER CREATE SUPER GRANT FILE RELOAD SHUTDOWN OWNERSHIP CONTROL ADMIN"
)
_SERVER: Final = (
    ("RESET", ("MASTER",)),
    ("RESET", ("BINARY",)),
    ("RESET", ("REPLICA",)),
    ("RESET", ("SLAVE",)),
    ("PURGE", ("BINARY",)),
    ("PURGE", ("MASTER",)),
    ("PURGE", ("RECYCLEBIN",)),
    ("PURGE", ("DBA_RECYCLEBIN",)),
    ("PURGE", ("TABLE",)),
    ("STOP", ("REPLICA",)),
    ("STOP", ("SLAVE",)),
    ("SHUTDOWN", ()),
    ("KILL", ()),
    ("RESTORE", ("DATABASE",)),
    ("FLASHBACK", ("DATABASE",)),
    ("FLASHBACK", ("TABLE",)),
    ("SYSTEM", ("DROP",)),
    ("REASSIGN", ("OWNED",)),
)


def _drop(fact: Fact, tokens: Tokens, dialect: Dialect) -> Iterator[SqlStatement]:
    if len(tokens) < 2:
        yield fact("DROP", "UNKNOWN")
        return
    place, kind = 1, tokens[1].word
    details: set[str] = set()
    while kind in ("TEMPORARY", "TEMP", "PUBLIC", "UNIQUE"):
        details.add("TEMPORARY" if kind.startswith("TEMP") else "")
        place += 1
        kind = tokens[place].word if place < len(tokens) else ""
    following = tokens[place + 1].word if place + 1 < len(tokens) else ""
    if _TWO_WORDS.get(kind) == following:
        kind = f"{kind} {following}"
        place += 1
    if kind == "SCHEMA" and dialect.engine == "mysql":
        kind = "DATABASE"
    if kind in ("PREPARE", "STATISTICS", "CAST", "DEFAULT"):
        return
    if place >= len(tokens) or tokens[place].kind is Kind.HOLE:
        kind = "UNKNOWN"
    elif kind == "":
        return
    words = words_of(tokens[place + 1 :])
    details |= {word for word in ("CASCADE", "FORCE", "PURGE") if word in words}
    if "EXISTS" in words:
        details.add("IF_EXISTS")
    name = names(tokens, place + 1)
    yield fact("DROP", kind, name, None, *details, *(("MANY",) if ", " in name else ()))


def _truncate(fact: Fact, tokens: Tokens, dialect: Dialect) -> Iterator[SqlStatement]:
    if len(tokens) < 2 or tokens[1].word == "(":
        if len(tokens) < 2:
            yield fact("TRUNCATE", "TABLE")
        return
    kind = tokens[1].word if tokens[1].word in ("TABLE", "DATABASE", "SCHEMA", "ALL") else "TABLE"
    place = 2 if tokens[1].word == kind else 1
    if place < len(tokens) and tokens[place].word == "TABLES":
        place += 2
    yield fact("TRUNCATE", kind, names(tokens, place), None, *_found(tokens, "CASCADE"))


def _delete(fact: Fact, tokens: Tokens, dialect: Dialect) -> Iterator[SqlStatement]:
    place = next((i for i, token in enumerate(tokens[:24]) if token.word == "FROM"), 0)
    name, _ = name_at(tokens, place + 1)
    limited, details = sql_where.rows(tokens, dialect)
    yield fact("DELETE", "ROWS", name, limited, *details)


def _update(fact: Fact, tokens: Tokens, dialect: Dialect) -> Iterator[SqlStatement]:
    if len(tokens) < 2 or "SET" not in words_of(tokens) or tokens[1].word == "STATISTICS":
        return
    place = 1
    while place < len(tokens) and tokens[place].word in ("ONLY", "IGNORE", "LOW_PRIORITY", "OR"):
        place += 2 if tokens[place].word == "OR" else 1
    name, _ = name_at(tokens, place)
    limited, details = sql_where.rows(tokens, dialect)
    yield fact("UPDATE", "ROWS", name, limited, *details)


def _insert(fact: Fact, tokens: Tokens, dialect: Dialect) -> Iterator[SqlStatement]:
    if len(tokens) > 1 and tokens[1].word == "OVERWRITE":
        place = 3 if len(tokens) > 2 and tokens[2].word in ("TABLE", "INTO") else 2
        yield fact("INSERT", "OVERWRITE", names(tokens, place))


def _merge(fact: Fact, tokens: Tokens, dialect: Dialect) -> Iterator[SqlStatement]:
    words = words_of(tokens)
    pairs = list(itertools.pairwise(words))
    if ("THEN", "DELETE") in pairs:
        whole = ("BY", "SOURCE") in pairs
        name, _ = name_at(tokens, 2 if len(tokens) > 1 and tokens[1].word == "INTO" else 1)
        yield fact("MERGE", "ROWS", name, not whole, "DELETE")


def _replace(fact: Fact, tokens: Tokens, dialect: Dialect) -> Iterator[SqlStatement]:
    if len(tokens) > 1 and tokens[1].word in ("TABLE", "VIEW"):
        yield fact("CREATE", tokens[1].word, names(tokens, 2), None, "OR_REPLACE")


def _create(fact: Fact, tokens: Tokens, dialect: Dialect) -> Iterator[SqlStatement]:
    words = words_of(tokens[:8])
    rest = words_of(tokens)
    replaces = words[1:3] == ["OR", "REPLACE"]
    start = 3 if replaces else 1
    kinds = [word for word in words[start : start + 3] if word in OBJECTS and not word.startswith("TEMP")]
    kind = kinds[0] if kinds else ""
    temporary = bool({"TEMP", "TEMPORARY"} & set(words[start : start + 3]))
    if kind in ("USER", "ROLE", "LOGIN"):
        strong = [w for w in ("SUPERUSER", "CREATEROLE", "BYPASSRLS", "REPLICATION") if w in rest]
        place = next((i for i, token in enumerate(tokens) if token.word == kind), 0) + 1
        yield fact("CREATE", kind, name_at(tokens, place)[0], None, *strong)
    elif kind in ("TABLE", "DATABASE", "SCHEMA", "KEYSPACE"):
        place = next((i for i, token in enumerate(tokens) if token.word == kind), 0) + 1
        details = (
            "OR_REPLACE" if replaces else "",
            "TEMPORARY" if temporary else "",
            "IF_NOT_EXISTS" if "EXISTS" in rest[:8] else "",
        )
        yield fact("CREATE", kind, names(tokens[: place + 10], place), None, *details)


def _alter(fact: Fact, tokens: Tokens, dialect: Dialect) -> Iterator[SqlStatement]:
    for verb, kind, name, details, rows in sql_alter.changes(tokens):
        where: bool | None = None
        if rows:
            where, more = sql_where.rows(rows, dialect)
            details |= more
        yield fact(verb, kind, name, where, *details)


def _grant(fact: Fact, tokens: Tokens, dialect: Dialect) -> Iterator[SqlStatement]:
    verb, words = tokens[0].word, words_of(tokens)
    given = words[1 : words.index("ON")] if "ON" in words else words[1:]
    details = set(_found(tokens, "CASCADE"))
    if "ON" not in words:
        details.add("ROLE")
    elif "ALL" in given:
        details.add("ALL")
    elif set(given) & _WRITING_RIGHTS:
        details.add("WRITE")
    else:
        details.add("READ")
    if "WITH" in words and ({"GRANT", "ADMIN"} & set(words[words.index("WITH") :])):
        details.add("OPTION")
    if words.count("*") > 1 and "READ" not in details:
        details.add("EVERYTHING")
    marker = "TO" if verb == "GRANT" else "FROM"
    name = name_at(tokens, words.index(marker) + 1)[0] if marker in words else ""
    if name.upper() == "PUBLIC":
        details.add("PUBLIC")
    yield fact(verb, "PRIVILEGE", name, None, *details)


def _copy(fact: Fact, tokens: Tokens, dialect: Dialect) -> Iterator[SqlStatement]:
    words = words_of(tokens)
    name, _ = name_at(tokens, 1)
    for index, word in enumerate(words):
        if word in ("TO", "FROM") and index + 1 < len(words):
            if words[index + 1] == "PROGRAM":
                yield fact("COPY", "PROGRAM", name, None, word)
            elif word == "TO" and index + 1 < len(tokens) and tokens[index + 1].kind is Kind.STRING:
                yield fact("COPY", "FILE", name, None, word)


def _call(fact: Fact, tokens: Tokens, dialect: Dialect) -> Iterator[SqlStatement]:
    name, _ = name_at(tokens, 1)
    yield fact("CALL", "PROCEDURE", name)


def _set(fact: Fact, tokens: Tokens, dialect: Dialect) -> Iterator[SqlStatement]:
    words = words_of(tokens)
    value = tokens[-1].text.upper()
    if words[1:2] == ["PASSWORD"]:
        yield fact("ALTER", "USER", "", None, "PASSWORD")
    elif "FOREIGN_KEY_CHECKS" in words or "SQL_SAFE_UPDATES" in words:
        if value in ("0", "OFF", "FALSE"):
            yield fact("SET", "CHECKS_OFF", words[1].lower())
    elif "SESSION_REPLICATION_ROLE" in words and value == "REPLICA":
        yield fact("SET", "CHECKS_OFF", "session_replication_role")
    elif words[1:2] and words[1] in ("GLOBAL", "PERSIST", "PERSIST_ONLY"):
        yield fact("SET", "GLOBAL", tokens[2].text.lower() if len(tokens) > 2 else "")


def _server(fact: Fact, tokens: Tokens, dialect: Dialect) -> Iterator[SqlStatement]:
    """Statements on the server itself, its logs and its replicas: the words say what they are."""
    words = words_of(tokens)
    for verb, following in _SERVER:
        if words[0] == verb and words[1 : 1 + len(following)] == list(following):
            yield fact(verb, " ".join(following) or "SERVER", name_at(tokens, 1 + len(following))[0])
            return


def _pragma(fact: Fact, tokens: Tokens, dialect: Dialect) -> Iterator[SqlStatement]:
    words = words_of(tokens)
    if "WRITABLE_SCHEMA" in words and tokens[-1].text.upper() in ("1", "ON", "TRUE", "YES"):
        yield fact("PRAGMA", "WRITABLE_SCHEMA")


def _rename(fact: Fact, tokens: Tokens, dialect: Dialect) -> Iterator[SqlStatement]:
    kind = tokens[1].word if len(tokens) > 1 else ""
    yield fact("ALTER", kind or "TABLE", name_at(tokens, 2)[0], None, "RENAME")


def _detach(fact: Fact, tokens: Tokens, dialect: Dialect) -> Iterator[SqlStatement]:
    if len(tokens) > 1 and tokens[1].word in ("TABLE", "VIEW", "DICTIONARY"):
        yield fact("ALTER", "TABLE", name_at(tokens, 2)[0], None, "DETACH")


def _found(tokens: Tokens, *wanted: str) -> list[str]:
    words = set(words_of(tokens))
    return [word for word in wanted if word in words]


#: first word → its reader
READERS: Final[dict[str, Reader]] = {
    "DROP": _drop,
    "TRUNCATE": _truncate,
    "DELETE": _delete,
    "UPDATE": _update,
    "INSERT": _insert,
    "MERGE": _merge,
    "REPLACE": _replace,
    "CREATE": _create,
    "ALTER": _alter,
    "GRANT": _grant,
    "REVOKE": _grant,
    "COPY": _copy,
    "CALL": _call,
    "SET": _set,
    "PRAGMA": _pragma,
    "RENAME": _rename,
    "DETACH": _detach,
    **{verb: _server for verb, _ in _SERVER},
}
