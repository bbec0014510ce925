"""Lists, pipelines and simple commands."""

from __future__ import annotations

import re

from agentguard import regex
from agentguard.syntax.heredocs import REDIRECTION, Redirections
from agentguard.syntax.nodes import (
    AndOr,
    ArrayElement,
    ArrayLiteral,
    Assignment,
    Command,
    Function,
    Part,
    Pipeline,
    ProcessSubstitution,
    Redirect,
    Script,
    Simple,
    Statement,
    Text,
    Word,
)
from agentguard.syntax.scanner import END

RESERVED = frozenset(
    "if then else elif fi case esac for select while until do done function time coproc { } ! [[ ]]".split()  # noqa: SIM905
)
#: A reserved word at the cursor.
WORD_THAT_IS_RESERVED = regex.compile(
    r"(?:if|then|else|elif|fi|case|esac|for|select|while|until|do|done|function|coproc|time|\{|\}|!|\[\[)"
    r"(?=[ \t\n;&|<>()\0])"
)
_FIRST = frozenset("itefcswudt{}![")
_ASSIGNMENT = regex.compile(r"([A-Za-z_][A-Za-z0-9_]*)(?:(\+?)=|(\[))")
_TIME_OPTION = regex.compile(r"-p(?=[ \t\n;&|<>()\0])")
_TIME_END = regex.compile(r"--(?=[ \t\n;&|<>()\0])")
_DECLARING = frozenset(("declare", "typeset", "local", "export", "readonly", "eval", "let", "alias"))
_NAME = regex.compile(r"[^\s;&|<>()$`'\"\\/*?\[\]{}=~\0#]+")
_NEVER_FIRST = frozenset("\n;&|)\0")


class Commands(Redirections):
    def compound(self, word: str) -> Command | None:
        """The compound command that starts with the reserved word ``word`` at the cursor; None if it starts none."""
        raise NotImplementedError

    def parenthesis(self) -> Command:
        """``(( … ))`` or a subshell at the cursor."""
        raise NotImplementedError

    # ------------------------------------------------------------------------------------------- lists

    def script(self, stops: frozenset[str] = frozenset()) -> Script:
        """Statements up to the end, an unopened ``)``, ``;;`` or one of the reserved words in ``stops``.

        What ended the list is left at the cursor for the caller to check.
        """
        text, first = self.text, self.pos
        statements: list[Statement] = []
        c = self.newlines()
        while c not in _NEVER_FIRST:
            if c in _FIRST and (found := WORD_THAT_IS_RESERVED.match(text, self.pos)) and found.group() in stops:
                break
            start = self.pos
            command = self.and_or()
            end = self.pos
            c = self.blanks()
            background = False
            if c == "&":
                following = text[self.pos + 1]
                if following in "!|":
                    self.fail(f"&{following} belongs to zsh, not to bash", self.pos, self.pos + 2, kind="zsh")
                background = True
                self._whole("&", ";&>")
            elif c == ";":
                if text[self.pos + 1] in ";&":
                    statements.append(Statement(self.at(start, end), command, False))
                    break
                self._whole(";", ";&")
            elif c not in "\n#)\0" and not self._closes(command, stops):
                if text.startswith("always", self.pos) and text[end - 1] == "}":
                    self.fail("always after a group belongs to zsh, not to bash", self.pos, self.pos + 6, kind="zsh")
                self.unexpected()
            statements.append(Statement(self.at(start, end), command, background))
            c = self.newlines()
        return Script(self.at(first, self.pos), tuple(statements))

    def _whole(self, operator: str, extensions: str) -> None:
        """Step over an operator; refuse a line continuation that would make it a longer one."""
        self.pos += len(operator)
        if self.text.startswith("\\\n", self.pos) and self.text[self.pos + 2] in extensions:
            self.fail(f"a line is continued right after {operator}", self.pos)

    def _closes(self, command: Command, stops: frozenset[str]) -> bool:
        """A compound command may be followed by a reserved word without a separator: ``{ a; } && (b) then``."""
        if isinstance(command, Simple):
            return False
        found = WORD_THAT_IS_RESERVED.match(self.text, self.pos)
        return found is not None and found.group() in stops

    def and_or(self) -> Command:
        text, start = self.text, self.pos
        command = self.pipeline()
        end = self.pos
        c = self.blanks()
        if not ((c == "&" or c == "|") and text[self.pos + 1] == c):
            self.pos = end
            return command
        commands, operators = [command], []
        while (c == "&" or c == "|") and text[self.pos + 1] == c:
            operators.append(c + c)
            self.pos += 2
            self.newlines()
            commands.append(self.pipeline())
            end = self.pos
            c = self.blanks()
        self.pos = end
        return AndOr(self.at(start, end), tuple(commands), tuple(operators))

    def pipeline(self) -> Command:
        text, start = self.text, self.pos
        negated = timed = False
        c = text[start]
        while c == "!" or c == "t":
            found = WORD_THAT_IS_RESERVED.match(text, self.pos)
            if not found or found.group() not in ("!", "time"):
                break
            if c == "!" and text[self.pos + 1] == "(" and self.extended:
                self.fail("!( may be a pattern or a negated subshell here", self.pos)
            negated ^= c == "!"
            timed |= c == "t"
            self.pos = found.end()
            if c == "t":
                for option in (_TIME_OPTION, _TIME_END):
                    if self.blanks() == "-" and (found := option.match(text, self.pos)):
                        self.pos = found.end()
            c = self.blanks()
        if self.pos > start and c in "\n;&)\0#":
            span = self.at(self.pos, self.pos)
            return Pipeline(self.at(start, self.pos), (Simple(span, (), (), ()),), (), negated, timed)
        first = self.pos
        command = self.command()
        end = self.pos
        c = self.blanks()
        if c != "|" or text[self.pos + 1] == "|":
            self.pos = end
            return command if first == start else Pipeline(self.at(start, end), (command,), (), negated, timed)
        commands, operators = [command], []
        while c == "|" and text[self.pos + 1] != "|":
            if text[self.pos + 1] == "&":
                operators.append("|&")
                self.pos += 2
            else:
                operators.append("|")
                self._whole("|", "|&")
            if self.newlines() == "!" and WORD_THAT_IS_RESERVED.match(text, self.pos):
                self.unexpected()
            commands.append(self.command())
            end = self.pos
            c = self.blanks()
        self.pos = end
        return Pipeline(self.at(start, end), tuple(commands), tuple(operators), negated, timed)

    def command(self) -> Command:
        c = self.text[self.pos]
        if c in _FIRST:
            found = WORD_THAT_IS_RESERVED.match(self.text, self.pos)
            if found and (command := self.compound(found.group())):
                return command
        elif c == "(":
            return self.parenthesis()
        return self.simple()

    # --------------------------------------------------------------------------------- simple commands

    def simple(self) -> Simple | Function:
        text, start = self.text, self.pos
        assignments: list[Assignment] = []
        words: list[Word] = []
        redirects: list[Redirect] = []
        declaring = False
        end = start
        c = text[start]
        while c not in _NEVER_FIRST or c == "&":
            if c in "<>&0123456789{" and (found := REDIRECTION.match(text, self.pos)):
                redirects.append(self.redirection(found))
            elif c == "&" or c == "#":
                break
            elif c == "(":
                if text[self.pos - 1] == "=" or text.startswith(("foreach ", "foreach\t"), start):
                    self.fail("this use of parentheses belongs to zsh, not to bash", start, self.pos + 1, kind="zsh")
                if len(words) == 1 and not assignments and not redirects:
                    return self._function(start, words[0])
                self.unexpected()
            elif not words and (found := _ASSIGNMENT.match(text, self.pos)) and (made := self.assignment(found)):
                assignments.append(made)
            else:
                at = self.pos
                word = self.word()
                if "\\\n" in text[at : self.pos]:
                    self._check_continued(word, at, first=not words)
                if not words:
                    head = word.parts[0] if len(word.parts) == 1 else None
                    declaring = isinstance(head, Text) and head.value in _DECLARING
                elif not declaring and word.parts and isinstance(word.parts[-1], ArrayLiteral):
                    self.fail("an array cannot be given here", at, self.pos)
                words.append(word)
            end = self.pos
            c = self.blanks()
        if end == start:
            self.unexpected()
        self.pos = end
        return Simple(self.at(start, end), tuple(assignments), tuple(words), tuple(redirects))

    def _check_continued(self, word: Word, start: int, first: bool) -> None:
        """Refuse a continued line inside a word where the joined word would be more than a word to bash."""
        end = self.pos
        head = ""
        for part in word.parts:
            if not isinstance(part, Text) or part.quoted:
                head += END
                break
            head += part.value
        if first and (head in RESERVED or "=" in head or "[" in head):
            self.fail("a line is continued inside a word that decides how the command is read", start, end)
        if self.text[end] in "<>(" and (head.isdigit() or head[:1] == "{" or self.text[end - 1] == "\n"):
            self.fail("a line is continued before an operator", start, end)

    def _function(self, start: int, word: Word) -> Function:
        name = self.text[start : self.pos].rstrip(" \t")
        self.pos += 1
        if self.blanks() != ")":
            self.unexpected()
        self.pos += 1
        if not _NAME.fullmatch(name) or len(word.parts) != 1:
            self.fail("this function name is not read", start, self.pos)
        return self.function_body(start, name)

    def function_body(self, start: int, name: str) -> Function:
        c = self.newlines()
        found = WORD_THAT_IS_RESERVED.match(self.text, self.pos)
        self.enter()
        body = self.parenthesis() if c == "(" else self.compound(found.group()) if found else None
        if body is None or (found and found.group() in ("function", "coproc", "time", "!")):
            self.unexpected()
        self.leave()
        return Function(self.at(start, self.pos), name, body)

    # ------------------------------------------------------------------------------ assignments, arrays

    def assignment(self, found: re.Match[str]) -> Assignment | None:
        """``name=…``, ``name+=…`` or ``name[…]=…``; None (and nothing read) if it turns out to be a word."""
        text, start = self.text, self.pos
        index = None
        append = found.group(2) == "+"
        self.pos = found.end()
        if found.group(3):
            self.pos -= 1
            index = self.subscript()
            append = text[self.pos] == "+"
            if text[self.pos + append] != "=":
                if any(c in text[start : self.pos] for c in " \t\n;&|<>()"):
                    self.fail("a subscript with blanks or operators outside an assignment", start, self.pos)
                self.rewind(start)
                return None
            self.pos += 1 + append
        if text[self.pos] == "(":
            if index is not None:
                self.fail("an array cannot be put into an array", start, self.pos)
            at = self.pos
            literal = self.array()
            value = Word(self.at(at, self.pos), (literal,))
            if text[self.pos] not in " \t\n;&|<>)\0" and not text.startswith("\\\n", self.pos):
                self.unexpected()
        else:
            value = self.value()
        return Assignment(self.at(start, self.pos), found.group(1), index, append, value)

    def array_word(self, start: int, parts: list[Part]) -> Word:
        parts.append(self.array())
        if self.text[self.pos] not in " \t\n;&|<>)\0":
            self.unexpected()
        return Word(self.at(start, self.pos), tuple(parts))

    def array(self) -> ArrayLiteral:
        """``( … )`` at the cursor."""
        text, start = self.text, self.pos
        self.enter()
        self.pos += 1
        elements: list[ArrayElement] = []
        awaited, self.awaited = self.awaited, []
        while (c := self.newlines()) != ")":
            if c == END:
                self.fail("an array is not closed", start, kind="unterminated")
            at = self.pos
            index = None
            if c == "[":
                index = self._element_index()
            if index is not None:
                value = self.value()
                if any(isinstance(part, ProcessSubstitution) for part in value.parts):
                    # an associative array loses the quotes inside of it
                    self.fail("a process substitution in an indexed array element is not read", at, self.pos)
                elements.append(ArrayElement(self.at(at, self.pos), index, value))
            else:
                if c in ";&|(" or (c in "<>" and text[at + 1] != "("):
                    self.unexpected()
                word = self.word()
                elements.append(ArrayElement(word.span, None, word))
        written = text[start : self.pos]
        if self.substitutions and ("\\'" in written or '\\"' in written):
            # bash writes the array down and reads it again there, and forgets the backslash on the way
            self.fail("an escaped quote in an array inside a substitution is not read", start, self.pos)
        if awaited and "\n" in text[start : self.pos]:
            self.fail("an array over several lines while a here-document waits", start, self.pos)
        self.awaited = awaited
        self.pos += 1
        self.leave()
        return ArrayLiteral(self.at(start, self.pos), tuple(elements))

    def _element_index(self) -> Word | None:
        """The index of ``[index]=value``, with the cursor after the equals sign; None if it is a plain element."""
        start = self.pos
        index = self.subscript()
        text = self.text
        plus = text[self.pos] == "+"
        if text[self.pos + plus] == "=":
            self.pos += 1 + plus
            return index
        self.rewind(start)
        return None
