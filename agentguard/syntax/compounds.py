"""Compound commands."""

from __future__ import annotations

from collections.abc import Callable

from agentguard import regex
from agentguard.syntax.commands import WORD_THAT_IS_RESERVED, Commands
from agentguard.syntax.nodes import (
    ArithmeticCommand,
    ArithmeticFor,
    Case,
    CaseArm,
    Command,
    Conditional,
    Coproc,
    For,
    Group,
    If,
    Script,
    Subshell,
    Text,
    While,
    Word,
)
from agentguard.syntax.scanner import END

_NAME = regex.compile(r"[A-Za-z_][A-Za-z0-9_]*(?=[ \t\n;&|<>()\0])")
_FUNCTION_NAME = regex.compile(r"[^\s;&|<>()$`'\"\\*?\[\]{}=~\0#]+(?=[ \t\n;&|<>()\0])")
_IN = regex.compile(r"in(?=[ \t\n;&|<>()\0])")
_DO = frozenset(("do",))
_DONE = frozenset(("done",))
_THEN = frozenset(("then",))
_FI = frozenset(("elif", "else", "fi"))
_ESAC = frozenset(("esac",))
_BRACE = frozenset(("}",))
_CLOSED = regex.compile(r"\]\](?=[ \t\n;&|<>()\0])")


class Compounds(Commands):
    def compound(self, word: str) -> Command | None:
        reader = _READERS.get(word)
        if reader is None:
            if word in ("!", "time"):
                return None
            self.unexpected()
        self.enter()
        start = self.pos
        self.pos += len(word)
        command = reader(self, start)
        self.leave()
        return command

    def _body(self, stops: frozenset[str]) -> Script:
        """A list that is not empty, up to one of the reserved words in ``stops``, which stays at the cursor."""
        script = self.script(stops)
        if not script.statements or not self._at(stops):
            self.unexpected()
        return script

    def _at(self, stops: frozenset[str]) -> str:
        found = WORD_THAT_IS_RESERVED.match(self.text, self.pos)
        return found.group() if found and found.group() in stops else ""

    def _take(self, stops: frozenset[str]) -> str:
        word = self._at(stops)
        if not word:
            self.unexpected()
        self.pos += len(word)
        return word

    # ------------------------------------------------------------------------------- groups and branches

    def _group(self, start: int) -> Group:
        body = self._body(_BRACE)
        self.pos += 1
        redirects = self.redirections()
        return Group(self.at(start, self.pos), body, redirects)

    def parenthesis(self) -> Command:
        text, start = self.text, self.pos
        if text[start + 1] == "(":
            expression = self.double_parenthesis(start + 2)
            if expression is not None:
                redirects = self.redirections()
                return ArithmeticCommand(self.at(start, self.pos), expression, redirects)
        elif text.startswith("\\\n(", start + 1):
            self.fail("a line is continued between two parentheses", start, start + 4)
        self.pos = start + 1
        if self.blanks() == ")":
            self.fail("a function without a name belongs to zsh, not to bash", start, self.pos + 1, kind="zsh")
        self.enter()
        body = self.script()
        if text[self.pos] != ")" or not body.statements:
            self.unexpected()
        self.pos += 1
        self.leave()
        redirects = self.redirections()
        return Subshell(self.at(start, self.pos), body, redirects)

    def _if(self, start: int) -> If:
        branches: list[tuple[Script, Script]] = []
        otherwise = None
        word = "elif"
        while word == "elif":
            condition = self._body(_THEN)
            self._take(_THEN)
            body = self._body(_FI)
            branches.append((condition, body))
            word = self._take(_FI)
        if word == "else":
            otherwise = self._body(frozenset(("fi",)))
            self.pos += 2
        redirects = self.redirections()
        return If(self.at(start, self.pos), tuple(branches), otherwise, redirects)

    # ----------------------------------------------------------------------------------------- loops

    def _while(self, start: int) -> While:
        until = self.text[start] == "u"
        condition = self._body(_DO)
        body = self._do()
        redirects = self.redirections()
        return While(self.at(start, self.pos), condition, body, until, redirects)

    def _do(self) -> Script:
        self._take(_DO)
        body = self._body(_DONE)
        self.pos += 4
        return body

    def _loop_body(self) -> Script:
        """``do … done``, or the undocumented ``{ … }`` of ``for`` and ``select``."""
        if self.text[self.pos] == "{":
            self._take(frozenset(("{",)))
            body = self._body(_BRACE)
            self.pos += 1
            return body
        return self._do()

    def _for(self, start: int) -> For | ArithmeticFor:
        select = self.text[start] == "s"
        if self.blanks() == "(" and not select:
            return self._arithmetic_for(start)
        found = _NAME.match(self.text, self.pos)
        if not found:
            self.unexpected()
        self.pos = found.end()
        words = None
        c = self.blanks()
        if c == ";":
            self.pos += 1
            c = self.newlines()
        else:
            c = self.newlines()
            if c == "i" and (keyword := _IN.match(self.text, self.pos)):
                self.pos = keyword.end()
                words = tuple(self._for_words())
        if c == "(":
            self.fail("for NAME ( … ) belongs to zsh, not to bash", start, self.pos, kind="zsh")
        body = self._loop_body()
        redirects = self.redirections()
        return For(self.at(start, self.pos), found.group(), words, body, redirects, select)

    def _for_words(self) -> list[Word]:
        words = []
        while (c := self.blanks()) not in ";\n#":
            if c in "&|)(\0" or (c in "<>" and self.text[self.pos + 1] != "("):
                self.unexpected()
            words.append(self.word())
        if c == ";":
            self.pos += 1
        self.newlines()
        return words

    def _arithmetic_for(self, start: int) -> ArithmeticFor:
        if not self.text.startswith("((", self.pos):
            self.unexpected()
        self.pos += 2
        clauses: list[Word] = []
        for closing in (";", ";", ")"):
            clauses.append(self.arithmetic(closing))
            if self.text[self.pos] != closing:
                self.unexpected()
            self.pos += 1
        if self.text[self.pos] != ")":
            self.unexpected()
        self.pos += 1
        if self.blanks() == ";":
            self.pos += 1
        self.newlines()
        body = self._loop_body()
        redirects = self.redirections()
        return ArithmeticFor(self.at(start, self.pos), (clauses[0], clauses[1], clauses[2]), body, redirects)

    # ------------------------------------------------------------------------------------------- case

    def _case(self, start: int) -> Case:
        self.blanks()
        subject = self.word(brace=False)
        self.newlines()
        found = _IN.match(self.text, self.pos)
        if not found:
            self.unexpected()
        self.pos = found.end()
        arms: list[CaseArm] = []
        while True:
            self.newlines()
            if self._at(_ESAC):
                break
            arm, last = self._arm()
            arms.append(arm)
            if last:
                break
        self._take(_ESAC)
        redirects = self.redirections()
        return Case(self.at(start, self.pos), subject, tuple(arms), redirects)

    def _arm(self) -> tuple[CaseArm, bool]:
        text, start = self.text, self.pos
        if text[start] == "(":
            self.pos += 1
            self.blanks()
        patterns = []
        while True:
            patterns.append(self.word(brace=False))
            c = self.blanks()
            if c not in "|)":
                self.unexpected()
            self.pos += 1
            if c == ")":
                break
            if self.blanks() in "|)":
                self.unexpected()
        body = self.script(_ESAC)
        terminator, last = ";;", True
        for operator in (";;&", ";;", ";&"):
            if text.startswith(operator, self.pos):
                terminator, last = operator, False
                self.pos += len(operator)
                if text.startswith("\\\n", self.pos) and text[self.pos + 2] in "&;":
                    self.fail(f"a line is continued right after {operator}", self.pos)
                break
        return CaseArm(self.at(start, self.pos), tuple(patterns), body, terminator), last

    # ----------------------------------------------------------------------------------- [[ conditions ]]

    def _conditional(self, start: int) -> Conditional:
        outer, self.in_condition = self.in_condition, True
        try:
            return self._condition(start)
        finally:
            self.in_condition = outer

    def _condition(self, start: int) -> Conditional:
        text = self.text
        words: list[Word] = []
        depth = 0
        operator = ""
        while True:
            if self.awaited and text[self.pos] == "\n":
                self.fail("a condition over several lines while a here-document waits", start, self.pos)
            c = self.newlines()
            if c == "]" and not depth and (closed := _CLOSED.match(text, self.pos)):
                self.pos = closed.end()
                break
            at = self.pos
            if c == END:
                self.fail("[[ is not closed", start, kind="unterminated")
            if text.startswith(("&&", "||"), at):
                operator = text[at : at + 2]
            elif operator == "=~":
                words.append(self.regex())
                operator = ""
                continue
            elif c == "(" or c == ")":
                depth += 1 if c == "(" else -1
                if depth > self.room:
                    self.fail("the command is nested too deeply to be read", at, kind="limit")
                operator = c
            elif (c in "<>" and text[at + 1] != "(") or (c == "!" and self._negates(operator)):
                operator = c
            else:
                words.append(self.word(brace=False))
                operator = text[at : self.pos]
                continue
            self.pos = at + len(operator)
            span = self.at(at, self.pos)
            words.append(Word(span, (Text(span, operator, False),)))
        if not words:
            self.fail("an empty condition", start, self.pos)
        redirects = self.redirections()
        return Conditional(self.at(start, self.pos), tuple(words), redirects)

    def _negates(self, before: str) -> bool:
        """Whether ``!`` at the cursor is the operator: ``!(`` is a pattern only after a comparison."""
        following = self.text[self.pos + 1]
        return following in " \t\n" or (following == "(" and before not in ("==", "!=", "="))

    # ------------------------------------------------------------------------------ functions, coprocesses

    def _function_keyword(self, start: int) -> Command:
        c = self.blanks()
        if c in "({":
            self.fail("a function without a name belongs to zsh, not to bash", start, self.pos + 1, kind="zsh")
        found = _FUNCTION_NAME.match(self.text, self.pos)
        if not found:
            self.fail("this function name is not read", self.pos)
        self.pos = found.end()
        if self.blanks() == "(":
            at = self.pos
            self.pos += 1
            if self.blanks() == ")":
                self.pos += 1
            else:
                self.pos = at
        return self.function_body(start, found.group())

    def _coproc(self, start: int) -> Coproc:
        self.blanks()
        name = "COPROC"
        found = _NAME.match(self.text, self.pos)
        keyword = WORD_THAT_IS_RESERVED.match(self.text, self.pos)
        if found and not keyword:
            before = self.pos
            self.pos = found.end()
            c = self.blanks()
            keyword = WORD_THAT_IS_RESERVED.match(self.text, self.pos)
            if c == "(" or keyword:  # a name only stands before a compound command
                name = found.group()
            else:
                self.rewind(before)
        if keyword and keyword.group() in ("time", "!", "coproc", "function"):
            self.unexpected()
        command: Command | None
        if self.text[self.pos] == "(":
            command = self.parenthesis()
        elif keyword:
            command = self.compound(keyword.group())
        else:
            command = self.simple()
        assert command is not None  # the words that start none are refused above
        return Coproc(self.at(start, self.pos), name, command)


_READERS: dict[str, Callable[[Compounds, int], Command]] = {
    "{": Compounds._group,
    "if": Compounds._if,
    "while": Compounds._while,
    "until": Compounds._while,
    "for": Compounds._for,
    "select": Compounds._for,
    "case": Compounds._case,
    "[[": Compounds._conditional,
    "function": Compounds._function_keyword,
    "coproc": Compounds._coproc,
}
