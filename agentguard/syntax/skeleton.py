"""The text of one context as bashlex may see it: same length, with everything masked that it does not read well.

Quoted text, expansions, array literals and subscripts become ``w…``; compound commands it does not know become ones it
does (``case`` a group of lists, ``[[ … ]]`` a word); here-documents become redirections and blanks. Everything else,
above all every operator, blank, plain word and comment, stays as it was written, so that the two readings can differ.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from agentguard import regex
from agentguard.syntax.errors import ShellSyntaxError
from agentguard.syntax.nodes import (
    ArithmeticCommand,
    ArithmeticFor,
    Assignment,
    Case,
    Command,
    Conditional,
    Coproc,
    For,
    Function,
    If,
    Pipeline,
    Redirect,
    Script,
    Simple,
    Span,
    Text,
    While,
    Word,
)
from agentguard.syntax.walk import shallow

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_S = r"(?:[ \t\n]|\\\n|#[^\n]*+)*"  # between tokens, over several lines
_B = r"(?:[ \t]|\\\n)*"  # between tokens of one line
_SPACE = regex.compile(_S)
_GAP = regex.compile(r"[ \t]|\\\n|\n|#[^\n]*+")
#: What of a word may belong to none of its parts.
_QUOTES = regex.compile(r"(?:[$\"]|\\\n|\\)*")
#: The text around the words of what gets masked as a whole; ``w`` stands for each word.
_PREFIX = regex.compile(rf"(?:(?:!|time|-p|--){_B})*")
_COPROC = regex.compile(rf"coproc{_B}(?:[A-Za-z_]\w*{_B})?")
_FUNCTION = regex.compile(rf"(?:function{_B})?[^\s;&|<>()]+{_B}(?:\({_B}\))?{_S}")
_CONDITION = regex.compile(rf"\[\[(?:{_S}w)*{_S}\]\]")
_ARITHMETIC = regex.compile(r"\(\(w\)\)")
_COUNTED = regex.compile(rf"for{_B}\(\(w;w;w\)\){_B};?{_S}")
_LOOP = regex.compile(rf"(?:for|select){_B}[A-Za-z_]\w*+{_S}(?:in(?:{_B}w)*{_B})?;?{_S}")
_CASE = regex.compile(rf"case{_B}w{_S}in")
_ARM = regex.compile(rf"\(?{_B}w(?:{_B}\|{_B}w)*{_B}\)")
_OUTSIDE_ASCII = regex.compile(r"[^\x00-\x7f]")
_ALONE = frozenset("{}")

#: One simple command: the spans of its assignments and words.
Shape = tuple[Span, ...]


class Skeleton:
    """The masked text of one context, and the commands that must be found in it."""

    def __init__(self, text: str, context: Script) -> None:
        self.text = text
        self.start, self.end = context.span
        self.characters = list(text[self.start : self.end])
        self.expected: list[Shape] = []
        found = list(shallow(context))
        for node in found:
            if isinstance(node, Redirect):  # first, because here-documents lie between other things
                self.redirect(node)
        for node in found:
            visit = _VISITS.get(type(node))
            if visit is not None:
                visit(self, node)

    def masked(self) -> str:
        return _OUTSIDE_ASCII.sub("w", "".join(self.characters))

    # ------------------------------------------------------------------------------------------ tools

    def put(self, start: int, end: int, filling: str) -> None:
        """Overwrite a span with ``filling``, whose last character is repeated as often as needed."""
        length = end - start
        filled = filling[:length] + filling[-1] * (length - len(filling))
        self.characters[start - self.start : end - self.start] = filled

    def dummy(self, start: int, end: int) -> None:
        """Make a span one command of one word."""
        self.put(start, end, "w")
        self.expected.append(((start, end),))

    def expect(self, pattern: re.Pattern[str], start: int, end: int, words: Iterable[Word] = ()) -> None:
        """Make sure that nothing but ``words`` and what ``pattern`` tells stands in a span that will be masked."""
        pieces = []
        position = start
        for word in words:
            pieces.append(self.text[position : word.span[0]])
            position = word.span[1]
        pieces.append(self.text[position:end])
        if not pattern.fullmatch("w".join(pieces)):
            raise ShellSyntaxError("disagreement", "two readings of this command disagree", (start, end))

    def after(self, position: int) -> int:
        """The first place from ``position`` on that is neither blank, newline nor comment."""
        found = _SPACE.match(self.text, position)
        return found.end() if found else position

    # ------------------------------------------------------------------------------------------ words

    def word(self, word: Word) -> None:
        """Mask a word but for its plain characters."""
        parts = word.parts
        start, end = word.span
        if len(parts) == 1 and isinstance(parts[0], Text) and not parts[0].quoted and parts[0].span == word.span:
            if parts[0].value in _ALONE:
                self.put(start, end, "w")
            return
        last = start
        for part in parts:
            first, stop = part.span
            if first > last:
                self.quotes(last, first)
            self.put(last, first, "w")
            if not (isinstance(part, Text) and not part.quoted and stop - first == len(part.value)):
                self.put(first, stop, "w")
            last = stop
        if end > last:
            self.quotes(last, end)
            self.put(last, end, "w")

    def quotes(self, start: int, end: int) -> None:
        """Make sure that what lies between the parts of a word is only quotes and continued lines."""
        if not _QUOTES.fullmatch(self.text, start, end):
            raise ShellSyntaxError("disagreement", "two readings of this command disagree", (start, end))

    def assignment(self, node: Assignment) -> None:
        name_end = node.span[0] + len(node.name)
        value = node.value.span[0]
        if value - name_end > 1:
            self.put(name_end, value - 1, "w")
        self.word(node.value)

    def redirect(self, node: Redirect) -> None:
        start, end = node.span
        if isinstance(node.descriptor, str):
            close = start + len(node.descriptor) + 2
            self.put(start, close, " ")
            start = close
        if node.operator in ("<<", "<<-"):
            operator = self.text.index("<", start)
            self.put(operator, end, "<w")
            if node.heredoc is not None and node.heredoc.span[1] > node.heredoc.span[0]:
                self.put(node.heredoc.span[0], node.heredoc.span[1], " ")
                self.put(node.heredoc.span[1] - 1, node.heredoc.span[1], "\n")
        else:
            self.word(node.target)

    # --------------------------------------------------------------------------------------- commands

    def simple(self, node: Simple) -> None:
        if node.span[0] == node.span[1]:
            return
        spans = [assignment.span for assignment in node.assignments] + [word.span for word in node.words]
        self.expected.append(tuple(sorted(spans)))
        for word in node.words:
            self.word(word)
        if node.words and self.text.startswith("time", node.words[0].span[0]):
            self.put(*node.words[0].span, "w")  # a plain word after ``|`` or an assignment

    def pipeline(self, node: Pipeline) -> None:
        start, first = node.span[0], node.commands[0].span
        if first[0] == first[1]:
            self.expect(_PREFIX, start, node.span[1])
            self.dummy(start, start + 1)
            self.put(start + 1, node.span[1], " ")
        elif first[0] > start:
            self.expect(_PREFIX, start, first[0])
            self.put(start, first[0], " ")

    def function(self, node: Function) -> None:
        """A function whose body bashlex would not take for one is only its body."""
        body: Command = node.body
        replaced = isinstance(body, Conditional | ArithmeticCommand | ArithmeticFor | Case | For | If | While)
        if replaced or self.text.startswith("function", node.span[0]):
            self.expect(_FUNCTION, node.span[0], body.span[0])
            self.put(node.span[0], body.span[0], " ")

    def coproc(self, node: Coproc) -> None:
        self.expect(_COPROC, node.span[0], node.command.span[0])
        self.put(node.span[0], node.command.span[0], " ")

    def conditional(self, node: Conditional) -> None:
        end = self.after(node.words[-1].span[1]) + 2
        self.expect(_CONDITION, node.span[0], end, node.words)
        self.dummy(node.span[0], end)

    def arithmetic(self, node: ArithmeticCommand) -> None:
        end = node.expression.span[1] + 2
        self.expect(_ARITHMETIC, node.span[0], end, (node.expression,))
        self.dummy(node.span[0], end)

    # ------------------------------------------------------------------------------------------- loops

    def while_(self, node: While) -> None:
        """A line end before ``do`` becomes a semicolon, and so do the ones inside the condition."""
        statements = node.condition.statements
        for i, statement in enumerate(statements):
            following = statements[i + 1].span[0] if i + 1 < len(statements) else node.condition.span[1]
            self.gap(statement.span[1], following)

    def gap(self, start: int, end: int) -> None:
        """Make what stands between two statements blanks and at most one separator."""
        separated = False
        line_end = -1
        position = start
        while position < end:
            found = _GAP.match(self.text, position)
            if self.characters[position - self.start] in ";&":
                separated = True
                position += 1
            elif self.characters[position - self.start] in " \n" and self.text[position] != "\n":
                position += 1  # a blank, or a here-document that was masked before
            elif found:
                if found.group() == "\n" and line_end < 0:
                    line_end = position
                self.put(position, found.end(), " ")
                position = found.end()
            else:
                return
        if not separated and line_end >= 0:
            self.put(line_end, line_end + 1, ";")

    def for_(self, node: For) -> None:
        if node.select:
            self.put(node.span[0], node.span[0] + 6, "for ")
        if self.text[node.body.span[0] - 1] == "{":
            self.expect(_LOOP, node.span[0], node.body.span[0] - 1, node.words or ())
            self.put(node.span[0], node.body.span[0] - 1, " ")
        else:
            for word in node.words or ():
                self.word(word)

    def arithmetic_for(self, node: ArithmeticFor) -> None:
        start, body = node.span[0], node.body.span[0]
        if self.text[body - 1] == "{":
            self.expect(_COUNTED, start, body - 1, node.clauses)
            self.put(start, body - 1, " ")
            return
        keyword = body - 2
        self.expect(_COUNTED, start, keyword, node.clauses)
        self.put(start, keyword, "while w")
        self.put(keyword - 1, keyword, ";")
        self.expected.append(((start + 6, keyword - 1),))

    # -------------------------------------------------------------------------------------------- case

    def case(self, node: Case) -> None:
        start = node.span[0]
        header = self.after(node.subject.span[1]) + 2
        self.expect(_CASE, start, header, (node.subject,))
        self.put(start, header, "{ w")
        self.put(header - 1, header, ";")
        self.expected.append(((start + 2, header - 1),))
        position = header
        for arm in node.arms:
            first, body = arm.span[0], arm.body.span[0]
            self.expect(_ARM, first, body, arm.patterns)
            self.put(first, body, "w")
            self.put(body - 1, body, ";")
            self.expected.append(((first, body - 1),))
            position = arm.span[1]
            if self.text[position - 2 : position] in (";;", ";&") and position - 2 >= arm.body.span[1]:
                begin = position - 3 if self.text[position - 3 : position] == ";;&" else position - 2
                self.put(begin, position, "\n")
        word = self.after(position)
        self.put(word, word + 4, "} ")


_VISITS: dict[type, Callable[[Skeleton, Any], None]] = {
    Simple: Skeleton.simple,
    Assignment: Skeleton.assignment,
    Pipeline: Skeleton.pipeline,
    Function: Skeleton.function,
    Coproc: Skeleton.coproc,
    Conditional: Skeleton.conditional,
    ArithmeticCommand: Skeleton.arithmetic,
    While: Skeleton.while_,
    For: Skeleton.for_,
    ArithmeticFor: Skeleton.arithmetic_for,
    Case: Skeleton.case,
}
