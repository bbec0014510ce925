"""One statement of tokens → the facts about what it does. Our own reading; it always has an answer.

Only what changes something gives a fact. A statement inside another (a writing CTE, a block, text that EXECUTE runs,
what EXPLAIN ANALYZE runs) gives its own, marked in ``detail``.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from agentguard.interpret.values import NOTHING
from agentguard.operations import Database, SqlStatement
from agentguard.programs import sql_alter, sql_where
from agentguard.programs.sql_tokens import Dialect, Kind, Statement, Token, split, vocabulary
from agentguard.programs.sql_words import first_word, group_end, name_at, names, upto, words_of

Tokens = Sequence[Token]

#: how deep text inside text is followed
_DEPTH: Final = 6
_TWO_WORDS: Final = {
    "MATERIALIZED": "VIEW",
    "FOREIGN": "TABLE",
    "EXTERNAL": "TABLE",
    "EVENT": "TRIGGER",
    "PLUGGABLE": "DATABASE",
    "LIVE": "VIEW",
    "ROW": "POLICY",
}
#: functions that change or end something although they stand in a SELECT
SIDE_EFFECTS: Final = vocabulary(
    "pg_terminate_backend pg_drop_replication_slot pg_replication_origin_drop lo_unlink lo_import lo_export "
    "dblink_exec drop_chunks drop_hypertable detach_chunk add_retention_policy pg_promote pg_file_unlink "
    "pg_file_write pg_file_rename load_extension sys_exec sys_eval xp_cmdshell edit writefile setval"
)
_READING: Final = vocabulary(
    "SELECT SHOW VALUES TABLE DESCRIBE DESC USE HELP COMMIT BEGIN START END ROLLBACK ABORT SAVEPOINT RELEASE ANALYZE "
    "ANALYSE DECLARE FETCH MOVE CLOSE LISTEN UNLISTEN NOTIFY CHECKPOINT DISCARD DEALLOCATE COMMENT REFRESH IMPORT "
    "CREATE INSERT UPSERT SET RESET VACUUM REINDEX CLUSTER LOCK UNLOCK CHECK REPAIR OPTIMIZE FLUSH EXISTS LIST PRINT "
    "UNDROP BACKUP GO PRAGMA ATTACH DETACH SECURITY HANDLER CHANGE SYSTEM DBCC WAITFOR CONSISTENCY TRACING SOURCE "
    "EXPORT INSTALL LOAD SUMMARIZE PIVOT FROM TRANSACTION WATCH SYNC MSCK RAISE RETURN GET PUT REMOVE RM LS "
    "WHENEVER PROMPT SPOOL COLUMN TTITLE EXIT QUIT REM CONNECT ALLOW ASSERT CALL EXEC EXECUTE PURGE ARCHIVE"
)


@dataclass(frozen=True, slots=True)
class Reading:
    """Reads the statements of one database."""

    database: Database
    dialect: Dialect
    depth: int = 0

    def statement(self, statement: Statement) -> Iterator[SqlStatement]:
        """Everything that a statement of the input does."""
        if statement.ended_by == "gdesc":
            return
        yield from self.read(statement.tokens)
        if statement.ended_by == "gexec":
            yield from self._generated(statement.tokens, "GEXEC")

    def fact(
        self, verb: str, object_: str = "", name: str = "", where: bool | None = None, *detail: str
    ) -> SqlStatement:
        return SqlStatement(self.database, verb, object_, name, where, frozenset(filter(None, detail)) or NOTHING)

    def read(self, tokens: Tokens) -> Iterator[SqlStatement]:
        """The facts of one statement; it may begin with parentheses, labels or blocks."""
        tokens = _unlabelled(tokens)
        if not tokens:
            return
        word = tokens[0].word
        if tokens[0].kind is Kind.HOLE:
            yield self.fact("UNKNOWN", "", "", None, "TEXT")
            yield from self.inside(tokens[1:])
            return
        handler = _VERBS.get(word)
        if handler is not None:
            yield from handler(self, tokens)
        elif word not in _READING or self.dialect.loose:
            yield from self.inside(tokens)
            if word not in _READING and tokens[0].kind in (Kind.PARAMETER, Kind.STRING, Kind.NAME):
                yield self.fact("UNKNOWN", "", "", None, "TEXT")
        if word == "EXPLAIN":
            return
        yield from self._groups(tokens)
        if word not in ("CREATE", "ALTER", "COMMENT"):
            yield from self._functions(tokens)

    # ------------------------------------------------------------------------------ text inside text

    def _groups(self, tokens: Tokens) -> Iterator[SqlStatement]:
        """Writing statements in parentheses: ``WITH gone AS (DELETE …)``."""
        if tokens[0].word in ("CREATE", "DO"):
            return
        for index, token in enumerate(tokens[:-1]):
            if token.word == "(" and tokens[index + 1].word in ("DELETE", "UPDATE", "MERGE", "TRUNCATE", "DROP"):
                inner = tokens[index + 1 : group_end(tokens, index)]
                if tokens[index + 1].word != "UPDATE" or "SET" in words_of(inner):
                    yield from marked(self.read(inner), "CTE")

    def _functions(self, tokens: Tokens) -> Iterator[SqlStatement]:
        for token, following in itertools.pairwise(tokens):
            if following.word == "(" and token.kind in (Kind.WORD, Kind.NAME):
                name = token.text.lower()
                if name in SIDE_EFFECTS:
                    yield self.fact("CALL", "FUNCTION", name)

    def text(self, text: str, *detail: str) -> Iterator[SqlStatement]:
        """The statements of a text that is executed: a block, the argument of EXECUTE."""
        if self.depth >= _DEPTH:
            yield self.fact("UNKNOWN", "", "", None, "DEPTH")
            return
        inner = replace(self, depth=self.depth + 1)
        plain = replace(self.dialect, commands="", batch_lines=NOTHING)
        for item in split(text, plain):
            if isinstance(item, Statement):
                yield from marked(inner.read(item.tokens), *detail)

    def inside(self, tokens: Tokens) -> Iterator[SqlStatement]:
        """Statements anywhere in a block, a batch without separators, or words that are not understood."""
        place = 0
        while place < len(tokens):
            if tokens[place].word in _STARTS and _starts(tokens, place, self.dialect.loose):
                end = next(
                    (i for i in range(place + 1, len(tokens)) if tokens[i].word in _ENDS or _starts(tokens, i, False)),
                    len(tokens),
                )
                handler = _VERBS[tokens[place].word]
                yield from handler(self, tokens[place:end])
                place = max(end, place + 1)
            else:
                place += 1

    def strings(self, tokens: Tokens, verb: str, *detail: str) -> Iterator[SqlStatement]:
        """Text that is put together and executed: what its literal parts begin with counts; without any, unknown."""
        literals = [token.text for token in tokens if token.kind is Kind.STRING and token.text.strip()]
        seen = False
        for text in literals:
            if first_word(text) in _VERBS.keys() | _READING:
                seen = True
                yield from self.text(text, "GENERATED_TEXT", *detail)
        if not seen:
            yield self.fact(verb, "", "", None, "GENERATED", *detail)

    def _generated(self, tokens: Tokens, verb: str) -> Iterator[SqlStatement]:
        """``SELECT 'DROP TABLE ' || name … \\gexec``."""
        yield from self.strings(tokens, verb, "GEXEC")

    # ---------------------------------------------------------------------------------- statements

    def _with(self, tokens: Tokens) -> Iterator[SqlStatement]:
        place = 1
        while place < len(tokens):
            if tokens[place].word == "(":
                place = group_end(tokens, place)
            elif tokens[place].word in _VERBS and tokens[place].word != "WITH":
                yield from _VERBS[tokens[place].word](self, tokens[place:])
                return
            place += 1

    def _explain(self, tokens: Tokens) -> Iterator[SqlStatement]:
        """EXPLAIN only shows a plan; EXPLAIN ANALYZE executes."""
        analyze, place = False, 1
        while place < len(tokens):
            token = tokens[place]
            if token.word in ("ANALYZE", "ANALYSE"):
                following = tokens[place + 1].word if place + 1 < len(tokens) else ""
                analyze = following not in ("FALSE", "OFF")
            elif token.word in _VERBS:
                if analyze:
                    yield from marked(self.read(tokens[place:]), "EXPLAIN")
                return
            place += 1

    def _drop(self, tokens: Tokens) -> Iterator[SqlStatement]:
        if len(tokens) < 2:
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
        if kind == "SCHEMA" and self.dialect.engine == "mysql":
            kind = "DATABASE"
        if kind in ("PREPARE", "STATISTICS", "CAST", "DEFAULT"):
            return
        if tokens[place].kind is Kind.HOLE:
            kind = "UNKNOWN"
        elif kind == "":
            return
        words = words_of(tokens[place + 1 :])
        details |= {word for word in ("CASCADE", "FORCE", "PURGE") if word in words}
        if "EXISTS" in words:
            details.add("IF_EXISTS")
        name = names(tokens, place + 1)
        yield self.fact("DROP", kind, name, None, *details, *(("MANY",) if ", " in name else ()))

    def _truncate(self, tokens: Tokens) -> Iterator[SqlStatement]:
        if len(tokens) < 2 or tokens[1].word == "(":
            return
        kind = tokens[1].word if tokens[1].word in ("TABLE", "DATABASE", "SCHEMA", "ALL") else "TABLE"
        place = 2 if tokens[1].word == kind else 1
        if place < len(tokens) and tokens[place].word == "TABLES":
            place += 2
        yield self.fact("TRUNCATE", kind, names(tokens, place), None, *_found(tokens, "CASCADE"))

    def _delete(self, tokens: Tokens) -> Iterator[SqlStatement]:
        place = next((i for i, token in enumerate(tokens[:24]) if token.word == "FROM"), 0)
        name, _ = name_at(tokens, place + 1)
        limited, details = sql_where.rows(tokens, self.dialect)
        yield self.fact("DELETE", "ROWS", name, limited, *details)

    def _update(self, tokens: Tokens) -> Iterator[SqlStatement]:
        if len(tokens) < 2 or "SET" not in words_of(tokens) or tokens[1].word == "STATISTICS":
            return
        place = 1
        while place < len(tokens) and tokens[place].word in ("ONLY", "IGNORE", "LOW_PRIORITY", "OR"):
            place += 2 if tokens[place].word == "OR" else 1
        name, _ = name_at(tokens, place)
        limited, details = sql_where.rows(tokens, self.dialect)
        yield self.fact("UPDATE", "ROWS", name, limited, *details)

    def _insert(self, tokens: Tokens) -> Iterator[SqlStatement]:
        if len(tokens) > 1 and tokens[1].word == "OVERWRITE":
            place = 3 if len(tokens) > 2 and tokens[2].word in ("TABLE", "INTO") else 2
            yield self.fact("INSERT", "OVERWRITE", names(tokens, place))

    def _merge(self, tokens: Tokens) -> Iterator[SqlStatement]:
        words = words_of(tokens)
        pairs = list(itertools.pairwise(words))
        if ("THEN", "DELETE") in pairs:
            whole = ("BY", "SOURCE") in pairs
            name, _ = name_at(tokens, 2 if len(tokens) > 1 and tokens[1].word == "INTO" else 1)
            yield self.fact("MERGE", "ROWS", name, not whole, "DELETE")

    def _replace(self, tokens: Tokens) -> Iterator[SqlStatement]:
        if len(tokens) > 1 and tokens[1].word in ("TABLE", "VIEW"):
            yield self.fact("CREATE", tokens[1].word, names(tokens, 2), None, "OR_REPLACE")

    def _create(self, tokens: Tokens) -> Iterator[SqlStatement]:
        words = words_of(tokens[:8])
        rest = words_of(tokens)
        replaces = words[1:3] == ["OR", "REPLACE"]
        start = 3 if replaces else 1
        kinds = [word for word in words[start : start + 3] if word in _OBJECTS and not word.startswith("TEMP")]
        kind = kinds[0] if kinds else ""
        temporary = bool({"TEMP", "TEMPORARY"} & set(words[start : start + 3]))
        if kind in ("USER", "ROLE", "LOGIN"):
            strong = [w for w in ("SUPERUSER", "CREATEROLE", "BYPASSRLS", "REPLICATION") if w in rest]
            place = next((i for i, token in enumerate(tokens) if token.word == kind), 0) + 1
            yield self.fact("CREATE", kind, name_at(tokens, place)[0], None, *strong)
        elif kind in ("TABLE", "DATABASE", "SCHEMA", "KEYSPACE"):
            place = next((i for i, token in enumerate(tokens) if token.word == kind), 0) + 1
            details = (
                "OR_REPLACE" if replaces else "",
                "TEMPORARY" if temporary else "",
                "IF_NOT_EXISTS" if "EXISTS" in rest[:8] else "",
            )
            yield self.fact("CREATE", kind, names(tokens[: place + 10], place), None, *details)

    def _alter(self, tokens: Tokens) -> Iterator[SqlStatement]:
        for verb, kind, name, details, rows in sql_alter.changes(tokens):
            where: bool | None = None
            if rows:
                where, more = sql_where.rows(rows, self.dialect)
                details |= more
            yield self.fact(verb, kind, name, where, *details)

    def _grant(self, tokens: Tokens) -> Iterator[SqlStatement]:
        verb, words = tokens[0].word, words_of(tokens)
        given = words[1 : words.index("ON")] if "ON" in words else words[1:]
        details = set(_found(tokens, "PUBLIC", "CASCADE"))
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
        if {"TABLES", "SEQUENCES", "DATABASE"} & set(words) or "*" in words:
            details.add("WIDE")
        marker = "TO" if verb == "GRANT" else "FROM"
        name = name_at(tokens, words.index(marker) + 1)[0] if marker in words else ""
        yield self.fact(verb, "PRIVILEGE", name, None, *details)

    def _copy(self, tokens: Tokens) -> Iterator[SqlStatement]:
        words = words_of(tokens)
        name, _ = name_at(tokens, 1)
        for index, word in enumerate(words):
            if word in ("TO", "FROM") and index + 1 < len(words):
                if words[index + 1] == "PROGRAM":
                    yield self.fact("COPY", "PROGRAM", name, None, word)
                elif word == "TO" and index + 1 < len(tokens) and tokens[index + 1].kind is Kind.STRING:
                    yield self.fact("COPY", "FILE", name, None, word)

    def _select(self, tokens: Tokens) -> Iterator[SqlStatement]:
        words = words_of(tokens)
        for index, word in enumerate(words[:-1]):
            if word == "INTO" and words[index + 1] in ("OUTFILE", "DUMPFILE"):
                yield self.fact("COPY", "FILE", "", None, "TO")
        if self.dialect.loose:
            yield from self.inside(tokens[1:])

    def _do(self, tokens: Tokens) -> Iterator[SqlStatement]:
        bodies = [token for token in tokens[1:] if token.kind is Kind.STRING]
        for body in bodies:
            found = list(self.text(body.text, "DO"))
            yield self.fact("DO", "BLOCK", "", None, *{"GENERATED"} & {d for fact in found for d in fact.detail})
            yield from found

    def _execute(self, tokens: Tokens) -> Iterator[SqlStatement]:
        """EXECUTE format('…'), EXECUTE IMMEDIATE '…', EXEC sp_executesql N'…', EXEC('…'), EXEC procedure."""
        end = upto(tokens, 1, ";")
        tokens = tokens[:end]
        following = tokens[1] if len(tokens) > 1 else None
        if following is None:
            return
        name, after = name_at(tokens, 1)
        plain = name.rsplit(".", 1)[-1].lower()
        if plain in _RUNNERS or following.word in ("(", "IMMEDIATE") or following.kind is Kind.STRING:
            yield from self.strings(tokens[1:], "EXECUTE")
        elif plain in _SERVER_PROGRAMS:
            yield self.fact("EXECUTE", "PROGRAM", plain)
        elif tokens[0].word == "EXECUTE" and (after >= len(tokens) or self.depth == 0):
            yield self.fact("CALL", "STATEMENT" if self.depth == 0 else "", name, None, *_generated_in(self))
        else:
            yield self.fact("CALL", "PROCEDURE", name)

    def _call(self, tokens: Tokens) -> Iterator[SqlStatement]:
        name, _ = name_at(tokens, 1)
        yield self.fact("CALL", "PROCEDURE", name)

    def _prepare(self, tokens: Tokens) -> Iterator[SqlStatement]:
        words = words_of(tokens)
        if "TRANSACTION" in words[:2]:
            return
        if "AS" in words:
            yield from self.read(tokens[words.index("AS") + 1 :])
        else:
            yield from self.strings(tokens[2:], "PREPARE")

    def _set(self, tokens: Tokens) -> Iterator[SqlStatement]:
        words = words_of(tokens)
        value = tokens[-1].text.upper()
        if words[1:2] == ["PASSWORD"]:
            yield self.fact("ALTER", "USER", "", None, "PASSWORD")
        elif "FOREIGN_KEY_CHECKS" in words or "SQL_SAFE_UPDATES" in words:
            if value in ("0", "OFF", "FALSE"):
                yield self.fact("SET", "CHECKS_OFF", words[1].lower())
        elif "SESSION_REPLICATION_ROLE" in words and value == "REPLICA":
            yield self.fact("SET", "CHECKS_OFF", "session_replication_role")
        elif words[1:2] and words[1] in ("GLOBAL", "PERSIST", "PERSIST_ONLY"):
            yield self.fact("SET", "GLOBAL", tokens[2].text.lower() if len(tokens) > 2 else "")

    def _block(self, tokens: Tokens) -> Iterator[SqlStatement]:
        """BEGIN … END, DECLARE …, IF … THEN: the statements inside are executed."""
        yield from self.inside(tokens[1:])

    def _server(self, tokens: Tokens) -> Iterator[SqlStatement]:
        """Statements on the server itself, its logs and its replicas: the words say what they are."""
        words = words_of(tokens)
        for verb, following in _SERVER:
            if words[0] == verb and words[1 : 1 + len(following)] == list(following):
                yield self.fact(verb, " ".join(following) or "SERVER", name_at(tokens, 1 + len(following))[0])
                return

    def _pragma(self, tokens: Tokens) -> Iterator[SqlStatement]:
        words = words_of(tokens)
        if "WRITABLE_SCHEMA" in words and tokens[-1].text.upper() in ("1", "ON", "TRUE", "YES"):
            yield self.fact("PRAGMA", "WRITABLE_SCHEMA")

    def _rename(self, tokens: Tokens) -> Iterator[SqlStatement]:
        kind = tokens[1].word if len(tokens) > 1 else ""
        yield self.fact("ALTER", kind or "TABLE", name_at(tokens, 2)[0], None, "RENAME")


def marked(facts: Iterable[SqlStatement], *detail: str) -> Iterator[SqlStatement]:
    for fact in facts:
        yield replace(fact, detail=fact.detail | set(detail))


def _generated_in(reading: Reading) -> tuple[str, ...]:
    """Inside a block, EXECUTE of a variable runs text that is made there."""
    return ("GENERATED",) if reading.depth else ()


def _found(tokens: Tokens, *wanted: str) -> list[str]:
    words = set(words_of(tokens))
    return [word for word in wanted if word in words]


def _unlabelled(tokens: Tokens) -> Tokens:
    place = 0
    while place < len(tokens) and tokens[place].word in ("(", ")", ";", "<", "<<"):
        place += 1
    return tokens[place:]


def _starts(tokens: Tokens, place: int, loose: bool) -> bool:
    """Whether a statement begins here inside of a block."""
    word = tokens[place].word
    if word not in _STARTS:
        return False
    before = tokens[place - 1].word if place else ";"
    after = tokens[place + 1] if place + 1 < len(tokens) else None
    if after is None or after.word in (")", ",", ";"):
        return False
    if word == "DELETE":
        return (after.word == "FROM" or loose) and before not in ("FOR", "AFTER", "BEFORE", "OF", "OR", ",", "ON")
    if word == "UPDATE":
        return before in _BEFORE
    if word == "DROP":
        return after.word in _OBJECTS and (before in _BEFORE or loose or before == ")")
    if word in ("EXECUTE", "EXEC", "CALL", "SET", "GRANT", "REVOKE", "MERGE", "ALTER"):
        return before in _BEFORE or (loose and word in ("EXEC", "EXECUTE", "ALTER") and before not in ("GRANT", ","))
    return word == "TRUNCATE" and after.word != "("


_BEFORE: Final = frozenset(("", ";", "THEN", "ELSE", "LOOP", "BEGIN", "DO", "AS", ")", "$$", "END"))
_ENDS: Final = frozenset((";",))
_OBJECTS: Final = vocabulary(
    "TABLE TEMPORARY TEMP DATABASE SCHEMA VIEW MATERIALIZED INDEX SEQUENCE FUNCTION PROCEDURE TRIGGER TYPE DOMAIN "
    "EXTENSION ROLE USER LOGIN OWNED TABLESPACE SERVER PUBLICATION SUBSCRIPTION POLICY KEYSPACE FOREIGN EVENT "
    "AGGREGATE DICTIONARY CATALOG WAREHOUSE STAGE PIPE STREAM TASK SHARE CONSTRAINT COLLECTION CLUSTER"
)
_WRITING_RIGHTS: Final = vocabulary(
    "INSERT UPDATE DELETE TRUNCATE DROP ALTER CREATE SUPER GRANT FILE RELOAD SHUTDOWN OWNERSHIP CONTROL ADMIN"
)
_RUNNERS: Final = frozenset(("sp_executesql", "sp_msforeachtable", "sp_msforeachdb", "immediate", "format"))
_SERVER_PROGRAMS: Final = frozenset(("xp_cmdshell", "sp_configure", "sp_detach_db", "sp_oacreate"))
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
    ("DETACH", ("TABLE",)),
)
_VERBS: Final = {
    "WITH": Reading._with,
    "EXPLAIN": Reading._explain,
    "DROP": Reading._drop,
    "TRUNCATE": Reading._truncate,
    "DELETE": Reading._delete,
    "UPDATE": Reading._update,
    "INSERT": Reading._insert,
    "MERGE": Reading._merge,
    "REPLACE": Reading._replace,
    "CREATE": Reading._create,
    "ALTER": Reading._alter,
    "GRANT": Reading._grant,
    "REVOKE": Reading._grant,
    "COPY": Reading._copy,
    "SELECT": Reading._select,
    "DO": Reading._do,
    "EXECUTE": Reading._execute,
    "EXEC": Reading._execute,
    "CALL": Reading._call,
    "PREPARE": Reading._prepare,
    "SET": Reading._set,
    "BEGIN": Reading._block,
    "DECLARE": Reading._block,
    "IF": Reading._block,
    "FOR": Reading._block,
    "WHILE": Reading._block,
    "LOOP": Reading._block,
    "PERFORM": Reading._select,
    "PRAGMA": Reading._pragma,
    "RENAME": Reading._rename,
    **{verb: Reading._server for verb, _ in _SERVER},
}
_STARTS: Final = vocabulary(
    "DROP TRUNCATE DELETE UPDATE EXECUTE EXEC CALL SET GRANT REVOKE MERGE ALTER"
)
