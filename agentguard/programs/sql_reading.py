"""One statement of tokens → the facts about what it does. Our own reading; it always has an answer.

Only what changes something gives a fact. A statement inside another (a writing CTE, a block, text that EXECUTE runs,
what EXPLAIN ANALYZE runs) gives its own, marked in ``detail``.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence

from agentguard.interpret.values import NOTHING
from agentguard.light import dataclass, replace
from agentguard.operations import Database, SqlStatement
from agentguard.programs.sql_statements import OBJECTS, READERS
from agentguard.programs.sql_tokens import HOLE, Dialect, Kind, Statement, Token, split, vocabulary
from agentguard.programs.sql_words import first_word, group_end, group_ends, name_at, upto, words_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

Tokens = Sequence[Token]

#: how deep text inside text, and statements inside statements, are followed; what lies deeper counts as generated
_DEPTH: Final = 6
_NESTING: Final = 20
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
    nesting: int = 0

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
        if word in _KNOWN:
            yield from self._one(tokens)
        elif word not in _READING or self.dialect.loose:
            yield from self.inside(tokens)
            if word not in _READING and tokens[0].kind in (Kind.PARAMETER, Kind.STRING, Kind.NAME):
                yield self.fact("UNKNOWN", "", "", None, "TEXT")
        if word == "EXPLAIN":
            return
        yield from self._groups(tokens)
        if word not in ("CREATE", "ALTER", "COMMENT"):
            yield from self._functions(tokens)

    def nested(self, tokens: Tokens) -> Iterator[SqlStatement]:
        """The facts of a statement inside this one."""
        if self.nesting >= _NESTING:
            yield self.fact("EXECUTE", "", "", None, "GENERATED")
        else:
            yield from replace(self, nesting=self.nesting + 1).read(tokens)

    def _one(self, tokens: Tokens) -> Iterator[SqlStatement]:
        """What the reader of the first word says."""
        word = tokens[0].word
        if word in READERS:
            yield from READERS[word](self.fact, tokens, self.dialect)
        elif word in _HANDLERS:
            yield from _HANDLERS[word](self, tokens)

    def routine(self, tokens: Tokens) -> Iterator[tuple[str, list[SqlStatement]]]:
        """The name of a routine that is defined, and what its body would do when it is called."""
        words = words_of(tokens[:8])
        for kind in ("FUNCTION", "PROCEDURE"):
            if kind in words:
                name, after = name_at(tokens, words.index(kind) + 1)
                inner = [fact for t in tokens[after:] if t.kind is Kind.STRING for fact in self.text(t.text, "ROUTINE")]
                inner += marked(self.inside(tokens[after:]), "ROUTINE")
                if inner:
                    yield name.rsplit(".", 1)[-1].lower(), inner

    # ------------------------------------------------------------------------------ text inside text

    def _groups(self, tokens: Tokens) -> Iterator[SqlStatement]:
        """Writing statements in parentheses: ``WITH gone AS (DELETE …)``."""
        if tokens[0].word in ("CREATE", "DO"):
            return
        ends = group_ends(tokens)
        place = 0
        while place < len(tokens) - 1:
            if tokens[place].word == "(" and tokens[place + 1].word in _WRITING:
                end = ends[place]
                yield from marked(self.nested(tokens[place + 1 : end]), "CTE")
                place = end
            place += 1

    def _functions(self, tokens: Tokens) -> Iterator[SqlStatement]:
        for token, following in itertools.pairwise(tokens):
            if following.word == "(" and token.kind in (Kind.WORD, Kind.NAME):
                name = token.text.lower()
                if name in SIDE_EFFECTS:
                    yield self.fact("CALL", "FUNCTION", name)

    def text(self, text: str, *detail: str) -> Iterator[SqlStatement]:
        """The statements of a text that is executed: a block, the argument of EXECUTE."""
        if self.depth >= _DEPTH:
            yield self.fact("EXECUTE", "", "", None, "GENERATED")
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
                yield from self._one(tokens[place:end])
                place = max(end, place + 1)
            else:
                place += 1

    def strings(self, tokens: Tokens, verb: str, *detail: str) -> Iterator[SqlStatement]:
        """Text that is put together and executed: what its literal parts begin with counts; without any, unknown."""
        seen = False
        for text in _pieced(tokens):
            if first_word(text) in _KNOWN | _READING:
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
            elif tokens[place].word in _KNOWN and tokens[place].word != "WITH":
                yield from self._one(tokens[place:])
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
            elif token.word in _KNOWN:
                if analyze:
                    yield from marked(self.nested(tokens[place:]), "EXPLAIN")
                return
            place += 1

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

    def _prepare(self, tokens: Tokens) -> Iterator[SqlStatement]:
        words = words_of(tokens)
        if "TRANSACTION" in words[:2]:
            return
        if "AS" in words:
            yield from self.nested(tokens[words.index("AS") + 1 :])
        else:
            yield from self.strings(tokens[2:], "PREPARE")

    def _block(self, tokens: Tokens) -> Iterator[SqlStatement]:
        """BEGIN … END, DECLARE …, IF … THEN: the statements inside are executed."""
        yield from self.inside(tokens[1:])


def marked(facts: Iterable[SqlStatement], *detail: str) -> Iterator[SqlStatement]:
    for fact in facts:
        yield replace(fact, detail=fact.detail | set(detail))


def _pieced(tokens: Tokens) -> Iterator[str]:
    """The texts in an expression: ``'DROP TABLE ' || quote_ident(t) || ' CASCADE'`` with a HOLE for the call."""
    place, current = 0, ""
    while place < len(tokens):
        token = tokens[place]
        if token.kind is Kind.STRING:
            current += token.text
        elif current and token.word in (",", ")", ";"):
            yield current
            current = ""
        elif current and token.word not in ("||", "+", "(", "."):
            if place + 1 < len(tokens) and tokens[place + 1].word == "(":
                place = group_end(tokens, place + 1)
            current = current.rstrip(HOLE) + HOLE
        place += 1
    if current:
        yield current


def _generated_in(reading: Reading) -> tuple[str, ...]:
    """Inside a block, EXECUTE of a variable runs text that is made there."""
    return ("GENERATED",) if reading.depth else ()


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
        return after.word in OBJECTS and (before in _BEFORE or loose or before == ")")
    if word in ("EXECUTE", "EXEC", "CALL", "SET", "GRANT", "REVOKE", "MERGE", "ALTER"):
        return before in _BEFORE or (loose and word in ("EXEC", "EXECUTE", "ALTER") and before not in ("GRANT", ","))
    return word == "TRUNCATE" and after.word != "("


_BEFORE: Final = frozenset(("", ";", "THEN", "ELSE", "LOOP", "BEGIN", "DO", "AS", ")", "$$", "END"))
_ENDS: Final = frozenset((";",))
_WRITING: Final = vocabulary("DELETE UPDATE MERGE TRUNCATE DROP")
_RUNNERS: Final = frozenset(("sp_executesql", "sp_msforeachtable", "sp_msforeachdb", "immediate", "format"))
_SERVER_PROGRAMS: Final = frozenset(("xp_cmdshell", "sp_configure", "sp_detach_db", "sp_oacreate"))
_HANDLERS: Final = {
    "WITH": Reading._with,
    "EXPLAIN": Reading._explain,
    "SELECT": Reading._select,
    "PERFORM": Reading._select,
    "DO": Reading._do,
    "EXECUTE": Reading._execute,
    "EXEC": Reading._execute,
    "PREPARE": Reading._prepare,
    **dict.fromkeys(("BEGIN", "DECLARE", "IF", "FOR", "WHILE", "LOOP"), Reading._block),
}
_KNOWN: Final = frozenset((*READERS, *_HANDLERS))
_STARTS: Final = vocabulary("DROP TRUNCATE DELETE UPDATE EXECUTE EXEC CALL SET GRANT REVOKE MERGE ALTER")
