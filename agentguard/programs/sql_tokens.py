"""SQL text → statements of tokens, and the client's own commands between them.

Comments vanish, the content of strings stays apart from the words, MySQL's executable comments are unwrapped. Never
fails: an unclosed quote runs to the end of the text. Text that only running would tell is one ``HOLE`` character.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import Enum
from functools import cache

from agentguard import regex
from agentguard.light import dataclass, field

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

#: Stands for a piece of text that is not known.
HOLE: Final = "\ufffc"


def vocabulary(words: str) -> frozenset[str]:
    """The words of a text as a set."""
    return frozenset(words.split())


class Kind(Enum):
    WORD = "word"
    NAME = "quoted name"
    STRING = "string"
    NUMBER = "number"
    PARAMETER = "parameter"
    HOLE = "unknown"
    SIGN = "sign"


@dataclass(frozen=True, slots=True)
class Token:
    """``text`` is what is between the quotes of a string or name. ``glued``: no space stands before it."""

    kind: Kind
    text: str
    start: int
    end: int
    glued: bool

    @property
    def word(self) -> str:
        """The word in upper case, or the sign; empty for anything quoted or unknown."""
        if self.kind is Kind.WORD:
            return self.text.upper()
        return self.text if self.kind is Kind.SIGN else ""


@dataclass(frozen=True, slots=True)
class Dialect:
    """How the text of one database differs. ``atomic``: a transaction also undoes DROP, TRUNCATE and ALTER."""

    engine: str
    glot: str = ""
    atomic: bool = False
    nested_comments: bool = False
    dollar_quotes: bool = False
    backslashes: bool = False
    hash_comments: bool = False
    double_quotes: bool = False
    brackets: bool = False
    executable_comments: bool = False
    #: the text is a stream of lines to a client that has commands of its own: a leading backslash, dot or bang
    commands: str = ""
    batch_lines: frozenset[str] = frozenset()
    #: a new statement needs no separator before it
    loose: bool = False


DIALECTS: Final = {
    dialect.engine: dialect
    for dialect in (
        Dialect("sql", nested_comments=False, atomic=False),
        Dialect("postgres", "postgres", atomic=True, nested_comments=True, dollar_quotes=True, commands="\\"),
        Dialect("cockroach", "postgres", nested_comments=True, dollar_quotes=True, commands="\\"),
        Dialect("redshift", "redshift", atomic=True, nested_comments=True, dollar_quotes=True, commands="\\"),
        Dialect("duckdb", "duckdb", atomic=True, nested_comments=True, dollar_quotes=True, commands="."),
        Dialect("sqlite", "sqlite", atomic=True, brackets=True, commands="."),
        Dialect(
            "mysql",
            "mysql",
            backslashes=True,
            hash_comments=True,
            double_quotes=True,
            executable_comments=True,
            commands="\\",
        ),
        Dialect("clickhouse", "clickhouse", backslashes=True),
        Dialect("bigquery", "bigquery", backslashes=True, hash_comments=True, double_quotes=True),
        Dialect("snowflake", "snowflake", backslashes=True, dollar_quotes=True, commands="!"),
        Dialect("databricks", "databricks", backslashes=True, double_quotes=True),
        Dialect("hive", "hive", backslashes=True, double_quotes=True, commands="!"),
        Dialect("trino", "trino"),
        Dialect("cassandra", "", commands=""),
        Dialect(
            "mssql",
            "tsql",
            atomic=True,
            nested_comments=True,
            brackets=True,
            commands=":",
            batch_lines=frozenset(("GO",)),
            loose=True,
        ),
        Dialect("oracle", "oracle", commands="!", batch_lines=frozenset(("/", "."))),
    )
}


def dialect(engine: str) -> Dialect:
    return DIALECTS.get(engine, DIALECTS["sql"])


@dataclass(frozen=True, slots=True)
class Statement:
    """``ended_by``: the client command that sent it (``gexec``), else empty. ``text`` is what sqlglot may read."""

    tokens: tuple[Token, ...]
    text: str
    ended_by: str = ""


@dataclass(frozen=True, slots=True)
class ClientCommand:
    """``\\c shop`` is ``("c", "shop")``; ``.shell rm x`` likewise."""

    name: str
    argument: str


Item = Statement | ClientCommand

#: psql commands that send what was typed so far
_SENDING: Final = vocabulary("g gx gexec gset gdesc crosstabview watch bind")
_ROUTINES: Final = vocabulary("PROCEDURE FUNCTION TRIGGER EVENT PACKAGE")
_TAG: Final = regex.compile(r"\$(?:[A-Za-z_\x80-\uffff][\w]*)?\$")


@cache
def _pattern(dialect: Dialect) -> re.Pattern[str]:
    quote = r"(?:[^'\\]|\\.|'')*" if dialect.backslashes else r"(?:[^']|'')*"
    double = r'(?:[^"\\]|\\.|"")*' if dialect.backslashes and dialect.double_quotes else r'(?:[^"]|"")*'
    dashes = r"--(?=[\s\x00-\x1f]|$)[^\n]*" if dialect.executable_comments else r"--[^\n]*"
    parts = [
        rf"(?P<comment>{dashes}{'|#[^' + chr(92) + 'n]*' if dialect.hash_comments else ''})",
        r"(?P<open>/\*)",
        r"(?P<escaped>[eE]'(?:[^'\\]|\\.|'')*(?:'|\Z))",
        rf"(?P<string>(?:[nNbBxXrR]|[uU]&)?'{quote}(?:'|\Z))",
        rf'(?P<double>(?:[uU]&)?"{double}(?:"|\Z))',
        r"(?P<back>`[^`]*(?:`|\Z))",
        rf"(?P<hole>{HOLE}+)",
        r"(?P<parameter>%\(\w+\)s|%s|\?|:\w+|@{1,2}\w+|\$\d+|\{\{.*?\}\}|\$\{\w+\})",
        r"(?P<number>\d[\w.]*)",
        r"(?P<word>[^\W\d][\w$]*)",
        r"(?P<sign><>|<=>|[<>!=]=|\|\||::|[^\w\s])",
    ]
    if dialect.brackets:
        parts.insert(6, r"(?P<bracket>\[[^\]\n]{1,128}\])")
    if dialect.dollar_quotes:
        parts.insert(6, rf"(?P<dollar>{_TAG.pattern})")
    return re.compile("|".join(parts), re.DOTALL)


@dataclass(slots=True)
class _Reader:
    text: str
    dialect: Dialect
    place: int = 0
    delimiter: str = ";"
    tokens: list[Token] = field(default_factory=list)
    #: BEGIN … END inside the body of a routine that is being defined
    nesting: int = 0
    bang: bool = False

    def items(self) -> Iterator[Item]:
        pattern = _pattern(self.dialect)
        text = self.text
        while self.place < len(text):
            start = self.place
            while start < len(text) and text[start].isspace():
                start += 1
            if start >= len(text):
                break
            at_line = start == 0 or "\n" in text[self.place : start] or text[start - 1] == "\n"
            glued = start == self.place and start > 0
            self.place = start
            if at_line and (batch := self._batch()) is not None:
                yield from batch
                continue
            command = self._command(at_line)
            if command is not None:
                yield from self._sent(command)
                continue
            if text.startswith(self.delimiter, start) and not self.nesting:
                self.place = start + len(self.delimiter)
                yield from self._finish()
                continue
            match = pattern.match(text, start)
            if match is None:
                self.place += 1
            else:
                self._token(match, glued)
        yield from self._finish()

    # ------------------------------------------------------------------------------------ statements

    def _finish(self, ended_by: str = "") -> Iterator[Item]:
        tokens, self.tokens, self.nesting = tuple(self.tokens), [], 0
        if not tokens:
            return
        yield Statement(tokens, self.text[tokens[0].start : tokens[-1].end], ended_by)
        words = {token.word for token in tokens}
        if tokens[0].word == "COPY" and {"FROM", "STDIN"} <= words:
            self._skip_data()

    def _skip_data(self) -> None:
        """Rows of ``COPY … FROM STDIN`` follow, up to a line with ``\\.``."""
        end = re.compile(r"^\\\.\s*?$", re.MULTILINE).search(self.text, self.place)
        newline = self.text.find("\n", self.place)
        if end is not None and newline >= 0:
            self.place = end.end()

    def _batch(self) -> Iterator[Item] | None:
        """A line that ends a batch (``GO``, ``/``), or ``DELIMITER //``."""
        line, _, _ = self.text[self.place : self.place + 200].partition("\n")
        word = line.strip().upper()
        if word.split(" ")[0] in self.dialect.batch_lines:
            self.place += len(line)
            return self._finish()
        if self.dialect.executable_comments and word.startswith("DELIMITER ") and not self.tokens:
            self.delimiter = line.strip()[10:].strip() or ";"
            self.place += len(line)
            return iter(())
        return None

    # ------------------------------------------------------------------------------- client commands

    def _command(self, at_line: bool) -> ClientCommand | None:
        sign = self.dialect.commands
        if not sign or not self.text.startswith(sign, self.place):
            return None
        if sign != "\\" and (not at_line or self.tokens):
            return None
        match = re.compile(r"\\;|[\\.:!]{1,3}(\w*[!?+.]*)").match(self.text, self.place)
        if match is None:
            return None
        if match[0] == "\\;":
            self.place = match.end()
            return ClientCommand(";", "")
        end = self.text.find("\n", match.end())
        argument = self.text[match.end() : end if end >= 0 else len(self.text)]
        name = match[1] or match[0][-1]
        if sign == "\\" and name[0] != "!":
            argument = argument.partition("\\\\")[0]
        elif sign == "!" and not match[1]:
            argument = match[0][1:] + argument
        self.place = match.end() + len(argument)
        if self.text.startswith("\\\\", self.place):
            self.place += 2
        return ClientCommand(name.rstrip("+") or name, argument.strip())

    def _sent(self, command: ClientCommand) -> Iterator[Item]:
        if command.name == ";" or (self.dialect.executable_comments and command.name in ("g", "G")):
            yield from self._finish()
        elif command.name in _SENDING:
            yield from self._finish(command.name)
            if command.argument:
                yield command
        elif command.name in ("r", "reset"):
            self.tokens = []
        else:
            yield command

    # -------------------------------------------------------------------------------------- tokens

    def _token(self, match: re.Match[str], glued: bool) -> None:
        kind = match.lastgroup
        content = match[0]
        self.place = match.end()
        if kind == "comment":
            return
        if kind == "open":
            self._comment(match.start())
            return
        if kind == "dollar":
            end = self.text.find(content, match.end())
            body_end = end if end >= 0 else len(self.text)
            self.place = min(body_end + len(content), len(self.text))
            self._add(Kind.STRING, self.text[match.end() : body_end], match.start(), glued)
        elif kind in ("string", "escaped"):
            body = content[content.index("'") + 1 :].removesuffix("'")
            self._add(Kind.STRING, self._unescaped(body, kind == "escaped").replace("''", "'"), match.start(), glued)
        elif kind == "double":
            body = content[content.index('"') + 1 :].removesuffix('"').replace('""', '"')
            as_string = self.dialect.double_quotes
            self._add(
                Kind.STRING if as_string else Kind.NAME,
                self._unescaped(body, False) if as_string else body,
                match.start(),
                glued,
            )
        elif kind in ("back", "bracket"):
            self._add(Kind.NAME, content[1:].rstrip("`]"), match.start(), glued)
        elif kind == "sign" and content == "*" and self.bang and self.text.startswith("/", self.place):
            self.place += 1  # the end of an executable comment
            self.bang = False
        else:
            assert kind is not None
            self._add(Kind[kind.upper()], content, match.start(), glued)
            if kind == "word":
                self._nest(content.upper())

    def _unescaped(self, body: str, escaped: bool) -> str:
        if not (escaped or self.dialect.backslashes) or "\\" not in body:
            return body
        plain = {"n": "\n", "t": "\t", "r": "\r", "0": "\0"}
        body = re.sub(r"\\x([0-9A-Fa-f]{1,2})|\\u([0-9A-Fa-f]{4})", lambda m: chr(int(m[1] or m[2], 16)), body)
        return re.sub(r"\\(.)", lambda m: plain.get(m[1], m[1]), body, flags=re.DOTALL)

    def _comment(self, start: int) -> None:
        """Skip a block comment; step into one that the server executes."""
        if self.dialect.executable_comments:
            bang = re.compile(r"/\*M?!\d*").match(self.text, start)
            if bang is not None:
                self.place = bang.end()
                self.bang = True
                return
        depth, place = 1, start + 2
        for mark in re.compile(r"/\*|\*/").finditer(self.text, place):
            if mark[0] == "*/":
                depth -= 1
            elif self.dialect.nested_comments:
                depth += 1
            if depth == 0:
                self.place = mark.end()
                return
        self.place = len(self.text)

    def _add(self, kind: Kind, content: str, start: int, glued: bool) -> None:
        self.tokens.append(Token(kind, content, start, self.place, glued and bool(self.tokens)))

    def _nest(self, word: str) -> None:
        """Semicolons between BEGIN and END of a routine's body do not end its definition."""
        tokens = self.tokens
        if tokens[0].word not in ("CREATE", "ALTER") or not any(t.word in _ROUTINES for t in tokens[1:8]):
            return
        before = tokens[-2].word if len(tokens) > 1 else ""
        if (word == "BEGIN" or (word == "CASE" and self.nesting)) and before != "END":
            self.nesting += 1
        elif word == "END" and self.nesting:
            rest = self.text[self.place : self.place + 12].split()
            if not rest or rest[0].strip(";").upper() not in ("IF", "LOOP", "WHILE", "REPEAT", "FOR"):
                self.nesting -= 1


def split(text: str, dialect: Dialect) -> list[Item]:
    """The statements and client commands of a text, in order."""
    return list(_Reader(text, dialect).items())
