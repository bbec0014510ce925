"""Words: quotes, escapes, tildes, pattern operators."""

from __future__ import annotations

import re

from agentguard import regex
from agentguard.syntax import ansi, braces
from agentguard.syntax.nodes import Glob, Part, Text, Tilde, Word
from agentguard.syntax.scanner import END, Scanner

#: A word that is nothing but its own characters, up to what may end it.
_PLAIN = regex.compile(
    r"[^ \t\n;&|<>()\\'\"`$*?\[{~#\0][^ \t\n;&|<>()\\'\"`$*?\[{~\0]*+"
    r"(?=[ \t\n;&|)\0]|[<>](?!\()|(?<![@+!=])\()"
)
#: Literal characters inside a word.
_RUN = regex.compile(r"(?:[^ \t\n;&|<>()\\'\"`$*?\[{@+!\0]|[@+!](?!\())+")
_REGEX_RUN = regex.compile(r"[^ \t\n;&<>()\\'\"`$\0]++")
_DOUBLE = regex.compile(r'"([^"\\$`\0]*+)"')
_SINGLE = regex.compile(r"'([^'\0]*+)'")
_LONE_BRACE = regex.compile(r"(?<!\$)\{")
_ANSI = regex.compile(r"\$'((?:[^'\\\0]|\\[^\0])*)'")
_BRACKET = regex.compile(r"\[[!^]?\]?(?:\[:\w+:\]|[^\]\[ \t\n;&|<>()\\'\"`$/{}\0]|\[(?![:.=])){0,200}\]")
_EXTGLOB = regex.compile(r"[@+!?*]\((?:[^ \t\n;&<>()\\'\"`$/{}\0])+\)")
#: ``*(.om[1,5])`` and the like: letters and signs that zsh reads as properties of files.
_QUALIFIER = regex.compile(r"\*\([./@=oODNmL^][-./@=%*^rwxRWXDNonOLmMcakUGsh:+,\[\]0-9]*\)")
_TILDE = regex.compile(r"~([A-Za-z0-9_.-]*+|\+)(?=[/ \t\n;&|<>()\0])")
_TILDE_IN_VALUE = regex.compile(r"~([A-Za-z0-9_.-]*+|\+)(?=[/: \t\n;&|<>()\0])")
_TILDE_IN_ARGUMENT = regex.compile(r"~([A-Za-z0-9_.-]*+|\+)(?=[/}])")
ASSIGNING = regex.compile(r"[A-Za-z_][A-Za-z0-9_]*\+?=")
_QUOTED_RUN = {
    '"': regex.compile(r'[^"\\$`\0]++'),
    "}": regex.compile(r"[^\"\\$`}\0]++"),
    "": regex.compile(r"[^\\$`\0]++"),
}
_QUOTED_ESCAPES = {'"': '$`"\\', "}": '$`"\\}', "": "$`\\"}


class Words(Scanner):
    # ------------------------------------------------------------------------------------------ words

    def word(self, *, brace: bool = True) -> Word:
        """The word at the cursor (a here-string, an argument, a redirection target)."""
        text, start = self.text, self.pos
        plain = _PLAIN.match(text, start)
        if plain:
            self.pos = end = plain.end()
            span = self.at(start, end)
            return Word(span, (Text(span, plain.group(), False),))
        return self._slow_word(start, brace)

    def _slow_word(self, start: int, brace: bool) -> Word:
        self.pos = start
        parts: list[Part] = []
        text = self.text
        c = text[start]
        if c == "~":
            self.tilde(parts, _TILDE)
        elif c == "#":
            self.unexpected()
        assigning = ASSIGNING.match(text, start)
        if assigning:
            self.pos = assigning.end()
            parts.append(Text(self.at(start, self.pos), assigning.group(), False))
            if text[self.pos] == "(":
                return self.array_word(start, parts)
            if text[self.pos] == "~":
                self.tilde(parts, _TILDE_IN_VALUE)
        self.pieces(parts, assigning is not None)
        if self.pos == start:
            self.unexpected()
        if brace and braces.possible(text, start, self.pos):
            parts = braces.expand(self, parts)
        return Word(self.at(start, self.pos), tuple(parts))

    def value(self) -> Word:
        """The value after ``name=``: possibly empty, with a tilde after each colon, without braces."""
        start = self.pos
        parts: list[Part] = []
        if self.text[start] == "~":
            self.tilde(parts, _TILDE_IN_VALUE)
        self.pieces(parts, True)
        return Word(self.at(start, self.pos), tuple(parts))

    def regex(self) -> Word:
        """The word after ``=~``: parentheses and bars are its own, blanks count inside parentheses."""
        start = self.pos
        parts: list[Part] = []
        depth = 0
        text = self.text
        while True:
            found = _REGEX_RUN.match(text, self.pos)
            if found:
                parts.append(Text(self.at(self.pos, found.end()), found.group(), False))
                self.pos = found.end()
            c = text[self.pos]
            if c in " \t\n;&<>" and not depth:
                break
            if c == ")" and not depth:
                break
            if self.quote_or_expansion(parts):
                continue
            if c == END:
                self.unexpected()
            depth += (c == "(") - (c == ")")
            parts.append(Text(self.at(self.pos, self.pos + 1), c, False))
            self.pos += 1
        if self.pos == start:
            self.unexpected()
        return Word(self.at(start, self.pos), tuple(parts))

    def pieces(self, parts: list[Part], assigning: bool = False, run: re.Pattern[str] = _RUN) -> None:
        """Collect the parts of an unquoted word until a character that ends it."""
        text = self.text
        while True:
            found = run.match(text, self.pos)
            if found:
                if assigning and ":~" in found.group():
                    self._colons(parts, found.end())
                else:
                    parts.append(Text(self.at(self.pos, found.end()), found.group(), False))
                    self.pos = found.end()
            pos = self.pos
            c = text[pos]
            if c in " \t\n;&|)\0":
                return
            if self.quote_or_expansion(parts):
                continue
            if c in "*?[@+!":
                self.glob(parts, run is not _RUN)
            elif c == "{":
                parts.append(Text(self.at(pos, pos + 1), c, False))
                self.pos = pos + 1
            elif c in "<>" and text[pos + 1] == "(":
                parts.append(self.process())
            else:
                return

    def quote_or_expansion(self, parts: list[Part]) -> bool:
        """Read a quoted piece or an expansion that starts at the cursor; False if there is none."""
        c = self.text[self.pos]
        if c == '"':
            self.double(parts)
        elif c == "$":
            self.dollar(parts, False)
        elif c == "'":
            self.single(parts)
        elif c == "\\":
            self.escape(parts)
        elif c == "`":
            parts.append(self.backtick(False))
        else:
            return False
        return True

    # ----------------------------------------------------------------------------------------- quotes

    def escape(self, parts: list[Part]) -> None:
        """A backslash outside quotes. Before the end of the line it vanishes, and so it does as the last character."""
        pos = self.pos
        c = self.text[pos + 1]
        if c == "\n":
            self.pos = pos + 2
        elif c == END:
            self.pos = pos + 1
        else:
            self.pos = pos + 2
            parts.append(Text(self.at(pos, pos + 2), c, True))

    def single(self, parts: list[Part]) -> None:
        found = _SINGLE.match(self.text, self.pos)
        if not found:
            self.fail("a single quote is not closed", self.pos, kind="unterminated")
        parts.append(Text(self.at(self.pos, found.end()), found.group(1), True))
        self.pos = found.end()

    def ansi(self, parts: list[Part]) -> None:
        found = _ANSI.match(self.text, self.pos)
        if not found:
            self.fail("the quote $' is not closed", self.pos, kind="unterminated")
        parts.append(Text(self.at(self.pos, found.end()), ansi.decode(found.group(1)), True))
        self.pos = found.end()

    def double(self, parts: list[Part]) -> None:
        start = self.pos
        found = _DOUBLE.match(self.text, start)
        if found:
            parts.append(Text(self.at(start, found.end()), found.group(1), True))
            self.pos = found.end()
            return
        count = len(parts)
        self.pos = start + 1
        self.quoted(parts, '"')
        if self.text[self.pos] != '"':
            self.fail("a double quote is not closed", start, kind="unterminated")
        self.pos += 1
        if len(parts) == count:
            parts.append(Text(self.at(start, self.pos), "", True))

    def quoted(self, parts: list[Part], closing: str) -> None:
        """Text as in double quotes up to ``closing`` (``"``, ``}`` or the end), which is left at the cursor."""
        text = self.text
        run, escapes = _QUOTED_RUN[closing], _QUOTED_ESCAPES[closing]
        first, buffer = self.pos, ""
        start = first
        while True:
            found = run.match(text, self.pos)
            if found:
                buffer += found.group()
                self.pos = found.end()
            pos = self.pos
            c = text[pos]
            if c == "\\":
                following = text[pos + 1]
                if following == END:
                    buffer += c
                    self.pos = pos + 1
                    continue
                if following == "\n":
                    pass
                elif following in escapes:
                    buffer += following
                else:
                    buffer += c + following
                self.pos = pos + 2
                continue
            if buffer:
                parts.append(Text(self.at(first, pos), buffer, True))
                buffer = ""
            if c in (closing, END):
                if closing == "}" and self.last_ansi >= pos and _LONE_BRACE.search(text, start, pos):
                    # bash counts this brace first and not later: what follows is decoded although it is quoted
                    self.fail("a brace inside a quoted expansion, with $' behind it, is not read", start, pos)
                return
            if c == "$":
                if closing == "}" and text[pos + 1] in "\"'":
                    self.fail("quotes after a dollar sign inside a quoted expansion are not read", pos)
                self.dollar(parts, True)
            elif c == "`":
                parts.append(self.backtick(True, closing == "}"))
            elif c == '"':
                self.double(parts)
                last = parts[-1]
                if isinstance(last, Text) and last.value.endswith("$"):
                    self.fail("a quoted dollar sign inside a quoted expansion is not read", pos)
            first = self.pos

    # --------------------------------------------------------------------------------- tildes and globs

    def tilde(self, parts: list[Part], pattern: re.Pattern[str] = _TILDE_IN_ARGUMENT) -> None:
        """``~`` at the cursor, as a tilde if bash expands it there, else as a character."""
        start = self.pos
        found = pattern.match(self.text, start)
        if found:
            self.pos = found.end()
            parts.append(Tilde(self.at(start, found.end()), found.group(1)))
        else:
            self.pos = start + 1
            parts.append(Text(self.at(start, start + 1), "~", False))

    def _colons(self, parts: list[Part], end: int) -> None:
        """A run of literal text in a value, where tildes stand after colons."""
        text = self.text
        while True:
            colon = text.find(":~", self.pos, end)
            stop = colon + 1 if colon >= 0 else end
            if stop > self.pos:
                parts.append(Text(self.at(self.pos, stop), text[self.pos : stop], False))
            self.pos = stop
            if colon < 0:
                return
            self.tilde(parts, _TILDE_IN_VALUE)
            if self.pos >= end:
                return

    def glob(self, parts: list[Part], argument: bool = False) -> None:
        """``*``, ``?``, ``[`` or an extended pattern ``@( … )`` at the cursor.

        In an ``argument`` of ``${ … }`` the closing brace counts before the parentheses of a pattern.
        """
        text, start = self.text, self.pos
        if text[start + 1] == "(" and text[start] != "[":
            whole = _EXTGLOB.match(text, start)
            if not (argument or self.in_condition or self.extended):
                if whole and _QUALIFIER.fullmatch(whole.group()):
                    self.fail("a glob qualifier *(…) belongs to zsh, not to bash", start, whole.end(), kind="zsh")
                self.fail(f"unexpected '(' after {text[start]!r}: extended patterns are off here", start + 1)
            if not whole and argument:
                self.pos = start + 2
                parts.append(Glob(self.at(start, start + 2), text[start : start + 2]))
                return
            if not whole:
                self._extended(parts)
                return
        elif text[start] == "[":
            whole = _BRACKET.match(text, start)
        else:
            self.pos = start + 1
            parts.append(Glob(self.at(start, start + 1), text[start]))
            return
        if whole:
            self.pos = whole.end()
            parts.append(Glob(self.at(start, self.pos), whole.group()))
            return
        self.pos = start + 1
        lone = text[start + 1] in " \t\n;&|<>()\0"
        part = Text(self.at(start, start + 1), "[", False) if lone else Glob(self.at(start, start + 1), "[")
        parts.append(part)

    def _extended(self, parts: list[Part]) -> None:
        """An extended pattern that holds quotes, expansions or further patterns: its operators become globs."""
        text, start = self.text, self.pos
        self.enter()
        parts.append(Glob(self.at(start, start + 2), text[start : start + 2]))
        self.pos = start + 2
        while True:
            self.pieces(parts)
            c = text[self.pos]
            if c == "|" or c == ")":
                parts.append(Glob(self.at(self.pos, self.pos + 1), c))
                self.pos += 1
                if c == ")":
                    break
            elif c in " \t\n" and not (c == "\n" and self.awaited):
                parts.append(Text(self.at(self.pos, self.pos + 1), c, True))
                self.pos += 1
            else:
                self.unexpected()
        if self.pos == start + 3:
            self.fail("an empty pattern list", start, self.pos)
        self.leave()
