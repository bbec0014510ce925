"""Expansions: ``$x``, ``${…}``, ``$(…)``, backticks, ``$((…))``, ``<(…)``."""

from __future__ import annotations

import re

from agentguard import regex
from agentguard.syntax.errors import ShellSyntaxError
from agentguard.syntax.nodes import (
    Arithmetic,
    CommandSubstitution,
    Parameter,
    Part,
    ProcessSubstitution,
    Script,
    Text,
    Word,
)
from agentguard.syntax.scanner import END
from agentguard.syntax.words import Words

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NoReturn

_NAME = regex.compile(r"[A-Za-z_][A-Za-z0-9_]*+|[0-9@*#?$!-]")
_BRACED_NAME = regex.compile(r"[A-Za-z_][A-Za-z0-9_]*+|[0-9]++|[@*#?$!-]")
_SIMPLE = regex.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*+|[0-9]++|[@*#?$!-])\}")
_OPERATOR = regex.compile(r":?[-=?+]|##?|%%?|//|/#|/%|/|\^\^?|,,?|~~?|@|:")
_PREFIXED_NAMES = regex.compile(r"!([A-Za-z_][A-Za-z0-9_]*)[*@]\}")
_BACKTICK = regex.compile(r"`((?:[^`\\\0]|\\[^\0])*)`", re.DOTALL)
#: Literal characters of an argument outside quotes: blanks and operators mean nothing there.
_ARGUMENT = regex.compile(r"(?:[^}\\'\"`$*?\[<>@+!\0]|[@+!](?!\())+")
_PATTERN = regex.compile(r"(?:[^}/\\'\"`$*?\[<>@+!\0]|[@+!](?!\())+")
_ARITHMETIC = regex.compile(r"[^()\[\]{};:\\'\"`$\0]++")
_ZSH_FLAGS = "=^~+"

_WORD_OPERATORS = frozenset((":-", "-", ":=", "=", ":?", "?", ":+", "+"))
_SPECIAL = frozenset("@*#?$!-")


class Expansions(Words):
    # --------------------------------------------------------------------------------------- dispatch

    def dollar(self, parts: list[Part], quoted: bool) -> None:
        """What starts with the dollar sign at the cursor; a lone one is text."""
        text, start = self.text, self.pos
        c = text[start + 1]
        if c == "{":
            parts.append(self._braced(quoted))
        elif c == "(":
            parts.append(self._parenthesis(quoted))
        elif c == "'" and not quoted:
            self.ansi(parts)
        elif c == '"' and not quoted:
            self.pos = start + 1
            self.double(parts)
        elif c == "[":
            self.pos = start + 2
            self.enter()
            expression = self.arithmetic("]")
            if text[self.pos] != "]":
                self.fail("$[ is not closed", start, kind="unterminated")
            self.pos += 1
            self.leave()
            parts.append(Arithmetic(self.at(start, self.pos), expression, quoted))
        elif c == "\\" and text[start + 2] == "\n":
            self.fail("a line is continued right after a dollar sign", start)
        else:
            found = _NAME.match(text, start + 1)
            self.pos = found.end() if found else start + 1
            span = self.at(start, self.pos)
            parts.append(Parameter(span, found.group(), quoted) if found else Text(span, "$", quoted))

    # -------------------------------------------------------------------------------------- parameters

    def _braced(self, quoted: bool) -> Parameter:
        text, start = self.text, self.pos
        simple = _SIMPLE.match(text, start)
        if simple:
            self.pos = simple.end()
            return Parameter(self.at(start, self.pos), simple.group(1), quoted)
        self.pos = start + 2
        self.enter()
        result = self._parameter(start, quoted)
        self.leave()
        return result

    def _parameter(self, start: int, quoted: bool) -> Parameter:
        text = self.text
        names = _PREFIXED_NAMES.match(text, self.pos)
        if names:
            self.pos = names.end()
            return Parameter(self.at(start, self.pos), names.group(1), quoted, operator="names", prefix="!")
        prefix = ""
        if text[self.pos] in "#!" and self._is_prefix():
            prefix = text[self.pos]
            self.pos += 1
        found = _BRACED_NAME.match(text, self.pos)
        if not found:
            self._bad_substitution(start)
        name = found.group()
        self.pos = found.end()
        index = None
        if text[self.pos] == "[" and name not in _SPECIAL:
            index = self.subscript()
        if text[self.pos] == "}":
            self.pos += 1
            return Parameter(self.at(start, self.pos), name, quoted, index, prefix=prefix)
        operator = _OPERATOR.match(text, self.pos)
        if not operator or prefix == "#":
            self._bad_substitution(start)
        self.pos = operator.end()
        words = self._arguments(operator.group(), quoted)
        if text[self.pos] != "}":
            self.fail("${ is not closed", start, kind="unterminated")
        self.pos += 1
        return Parameter(self.at(start, self.pos), name, quoted, index, operator.group(), words, prefix)

    def _is_prefix(self) -> bool:
        """Whether ``#`` or ``!`` asks for a length or an indirection, rather than being the name itself."""
        text, pos = self.text, self.pos
        following = text[pos + 1]
        if following.isascii() and (following.isalnum() or following == "_"):
            return True
        if text[pos] == "#":
            return following in _SPECIAL and text[pos + 2] == "}"
        return following in "@*#"

    def _bad_substitution(self, start: int) -> NoReturn:
        c = self.text[self.pos]
        if c == "(" or (c in _ZSH_FLAGS and self.pos == start + 2):
            self.fail(f"${{{c} … }} belongs to zsh, not to bash", start, self.pos + 1, kind="zsh")
        if self.text.startswith("${", start + 2):
            self.fail("nested ${${ … }} belongs to zsh, not to bash", start, self.pos + 1, kind="zsh")
        if self.pos >= self.end:
            self.fail("${ is not closed", start, kind="unterminated")
        self.fail("bad substitution", start, self.pos + 1)

    def _arguments(self, operator: str, quoted: bool) -> tuple[Word, ...]:
        if operator in _WORD_OPERATORS:
            return (self._argument(quoted),)
        if operator == ":":
            first = self._offset()
            if self.text[self.pos] != ":":
                return (first,)
            self.pos += 1
            return (first, self._offset())
        if operator == "@":
            pos = self.pos
            if self.text[pos] not in "QEPAKaUuLk":
                self.fail("bad substitution", pos)
            self.pos += 1
            span = self.at(pos, self.pos)
            return (Word(span, (Text(span, self.text[pos], False),)),)
        if not operator.startswith("/"):
            return (self._pattern(quoted, _ARGUMENT),)
        pattern = self._pattern(quoted, _PATTERN)
        if self.text[self.pos] != "/":
            return (pattern,)
        self.pos += 1
        return (pattern, self._pattern(quoted, _ARGUMENT))

    def _argument(self, quoted: bool) -> Word:
        """The word after ``:-`` and its like: inside double quotes it reads as quoted text, single quotes included."""
        start = self.pos
        parts: list[Part] = []
        if quoted:
            self.quoted(parts, "}")
            return Word(self.at(start, self.pos), tuple(parts))
        return self._pattern(False, _ARGUMENT)

    def _pattern(self, quoted: bool, run: re.Pattern[str]) -> Word:
        """A pattern (or a word outside double quotes) up to the closing brace, or to a slash if ``run`` stops there."""
        text, start = self.text, self.pos
        parts: list[Part] = []
        if text[start] == "~" and not quoted:
            self.tilde(parts)
        elif run is _PATTERN and text[start] == "/":
            parts.append(Text(self.at(start, start + 1), "/", False))
            self.pos += 1
        while True:
            self.pieces(parts, run=run)
            pos = self.pos
            c = text[pos]
            if c == "}" or c == END or (c == "/" and run is _PATTERN):
                return Word(self.at(start, pos), tuple(parts))
            if c in "<>" and text[pos + 1] == "(":
                if quoted:
                    self.fail("a process substitution inside a quoted expansion is not read", pos)
                parts.append(self.process())
            else:
                parts.append(Text(self.at(pos, pos + 1), c, False))
                self.pos = pos + 1

    def _offset(self) -> Word:
        """An offset or length of ``${x:offset:length}``."""
        return self.arithmetic(":}")

    def subscript(self) -> Word:
        """The subscript in brackets at the cursor, which goes past the closing one."""
        start = self.pos
        self.pos += 1
        self.enter()
        word = self.arithmetic("]")
        if self.text[self.pos] != "]":
            self.fail("a subscript is not closed", start, kind="unterminated")
        if not word.parts:
            self.fail("an empty subscript", start, self.pos + 1)
        self.pos += 1
        self.leave()
        return word

    # -------------------------------------------------------------------------------------- arithmetic

    def arithmetic(self, closing: str) -> Word:
        """An expression up to one of the characters in ``closing`` outside its own parentheses and brackets.

        Expansions inside read as in double quotes. Quotes are kept apart as quoted text.
        """
        text, start = self.text, self.pos
        parts: list[Part] = []
        opened: list[str] = []
        first = start
        while True:
            found = _ARITHMETIC.match(text, self.pos)
            if found:
                self.pos = found.end()
            pos = self.pos
            c = text[pos]
            if c == END or (c in closing and not opened):
                break
            if c in "([{":
                opened.append({"(": ")", "[": "]", "{": "}"}[c])
                if len(opened) > self.room:
                    self.fail("the command is nested too deeply to be read", pos, kind="limit")
            elif c in ")]}":
                if opened and opened[-1] == c:
                    opened.pop()
                else:
                    self.unexpected()
            elif c in "$`\"'\\":
                if pos > first:
                    parts.append(Text(self.at(first, pos), text[first:pos], False))
                if c == "$":
                    self.dollar(parts, True)
                else:
                    self.quote_or_expansion(parts)
                first = self.pos
                continue
            elif c == ":" and "?" in text[first:pos] and closing == ":}":
                self.fail("a condition inside an offset is not read", pos)
            self.pos = pos + 1
        if self.pos > first:
            parts.append(Text(self.at(first, self.pos), text[first : self.pos], False))
        return Word(self.at(start, self.pos), tuple(parts))

    def double_parenthesis(self, start: int) -> Word | None:
        """The expression of ``((`` … ``))`` whose opening ends at ``start``, or None (cursor at ``start``).

        As in bash, it is arithmetic exactly if the parenthesis that closes the inner one is followed by another.
        """
        room, awaited = self.room, self.awaited
        self.pos = start
        self.awaited = []
        self.enter()
        # Brackets and braces that do not match are refused: bash counts parentheses alone, so neither reading is sure.
        expression = self.arithmetic(")")
        self.room, self.awaited = room, awaited
        if self.text.startswith("))", self.pos):
            self.pos += 2
            return expression
        if self.pos >= self.end:
            self.fail("(( is not closed", start, kind="unterminated")  # bash reads on, whatever stands there
        self.rewind(start)
        return None

    # ----------------------------------------------------------------------------------- substitutions

    def _parenthesis(self, quoted: bool) -> Part:
        start = self.pos
        if self.text[start + 2] == "(":
            expression = self.double_parenthesis(start + 3)
            if expression is not None:
                return Arithmetic(self.at(start, self.pos), expression, quoted)
        self.pos = start + 2
        script = self._inner(start)
        if self.text[start + 2] == "(":
            self._same_end(start + 2)
        return CommandSubstitution(self.at(start, self.pos), script, quoted)

    def _same_end(self, start: int) -> None:
        """Bash finds the end of ``$((`` by counting parentheses, before it takes it as commands."""
        end = self.pos
        self.rewind(start)
        self.arithmetic(")")
        if self.pos != end - 1:
            self.fail("it is not clear where this substitution ends", start - 2, end)
        self.pos = end

    def process(self) -> ProcessSubstitution:
        start = self.pos
        self.pos = start + 2
        script = self._inner(start)
        if self.text[start + 2] == "(":
            self._same_end(start + 2)
        if not script.statements:
            self.fail("an empty process substitution", start, self.pos)
        return ProcessSubstitution(self.at(start, self.pos), script, self.text[start])

    def _inner(self, start: int) -> Script:
        """A script up to its closing parenthesis."""
        self.enter()
        awaited, self.awaited = self.awaited, []
        self.substitutions += 1
        script = self.script()
        self.substitutions -= 1
        if self.text[self.pos] != ")":
            if self.pos >= self.end:
                self.fail("a substitution is not closed", start, kind="unterminated")
            self.unexpected()
        if self.awaited:
            self.fail("a here-document is not finished inside its substitution", start, self.pos)
        if awaited and "\n" in self.text[start : self.pos]:
            self.fail("a substitution over several lines while a here-document waits", start, self.pos)
        self.awaited = awaited
        self.pos += 1
        self.leave()
        return script

    def backtick(self, quoted: bool, nested: bool = False) -> CommandSubstitution:
        """Backticks: the text between them, unescaped once, is read as a script of its own."""
        start = self.pos
        found = _BACKTICK.match(self.text, start)
        if not found:
            self.fail("a backtick is not closed", start, kind="unterminated")
        self.pos = found.end()
        inner = found.group(1)
        if nested and '\\"' in inner:
            self.fail("escaped quotes in backticks inside a quoted expansion are not read", start, self.pos)
        escapes = '$`\\"' if quoted else "$`\\"
        characters: list[str] = []
        origin: list[int] = []
        i, offset = 0, start + 1
        while i < len(inner):
            origin.append(self.at(offset + i, offset + i)[0])
            if inner[i] == "\\" and inner[i + 1] in escapes:
                i += 1
            characters.append(inner[i])
            i += 1
        origin.append(self.at(offset + i, offset + i)[0])
        script = self.again("".join(characters), origin)
        return CommandSubstitution(self.at(start, self.pos), script, quoted, backtick=True)

    def again(self, text: str, origin: list[int]) -> Script:
        """Read a text made from a piece of this one."""
        self.enter()
        self.budget.left -= len(text)
        if self.budget.left < 0:
            self.fail("the command takes too many steps to read", self.pos, kind="limit")
        inner = type(self)(text, self.room, self.budget, origin)
        inner.extended = self.extended
        try:
            script = inner.script()
            if inner.pos < inner.end:
                inner.unexpected()
        except ShellSyntaxError as error:
            if error.kind != "unterminated":
                raise
            raise ShellSyntaxError("syntax", error.reason, error.span) from None  # no further line reaches in here
        self.leave()
        return script
