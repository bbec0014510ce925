"""Here-documents and redirections."""

from __future__ import annotations

import re

from agentguard import regex
from agentguard.syntax.expansions import Expansions
from agentguard.syntax.nodes import Heredoc, Part, Redirect, Text, Word
from agentguard.syntax.scanner import Awaited

REDIRECTION = regex.compile(
    r"([0-9]+|\{[A-Za-z_][A-Za-z0-9_]*(?:\[[^\]\s]*\])?\})?(<<<|<<-|<<|<&|<>|<(?!\()|>>|>&|>\||>(?!\())|(&>>|&>)"
)


class Redirections(Expansions):
    def redirection(self, found: re.Match[str]) -> Redirect:
        """The redirection whose operator is ``found``."""
        start, text = self.pos, self.text
        self.pos = found.end()
        operator = found.group(2) or found.group(3)
        self._split_operator(operator)
        descriptor = self._descriptor(found.group(1))
        if operator in ("<<", "<<-"):
            return self._heredoc(start, operator, descriptor)
        c = self.blanks()
        if operator in ("<&", ">&") and c == "-":
            self.pos += 1
            span = self.at(self.pos - 1, self.pos)
            target = Word(span, (Text(span, "-", False),))
            return Redirect(self.at(start, self.pos), operator, descriptor, target)
        if c in "\n;&|)#\0" or (c in "<>" and text[self.pos + 1] != "("):
            self.unexpected()
        target = self.word(brace=operator != "<<<")
        if operator == ">&" and _quotes_code(target):
            self.fail("bash expands this target twice", target.span[0], target.span[1])
        return Redirect(self.at(start, self.pos), operator, descriptor, target)

    def redirections(self) -> tuple[Redirect, ...]:
        """All redirections after a compound command; the cursor stays right after the last one."""
        result = []
        end = self.pos
        while self.blanks() in "<>&0123456789{":
            found = REDIRECTION.match(self.text, self.pos)
            if not found:
                break
            result.append(self.redirection(found))
            end = self.pos
        self.pos = end
        return tuple(result)

    def _split_operator(self, operator: str) -> None:
        if self.text.startswith("\\\n", self.pos) and self.text[self.pos + 2] in "<>&|-(":
            self.fail(f"a line is continued right after {operator}", self.pos)

    def _descriptor(self, written: str | None) -> int | str | None:
        if not written:
            return None
        if written[0] == "{":
            name = written[1:-1]
            if "$" in name or "`" in name or "'" in name or '"' in name:
                self.fail("a subscript in a descriptor is not read", self.pos)
            return name
        if len(written) > 9:
            self.fail("the descriptor number is too large", self.pos)
        return int(written)

    # --------------------------------------------------------------------------------- here-documents

    def _heredoc(self, start: int, operator: str, descriptor: int | str | None) -> Redirect:
        c = self.blanks()
        if c in "\n;&|<>()#\0":
            self.unexpected()
        at = self.pos
        word = self.word(brace=False)
        if "\\\n" in self.text[at : self.pos]:
            self.fail("a line is continued inside a here-document delimiter", at, self.pos)
        raw = self.text[at : self.pos]
        if "$" in raw or "`" in raw:
            self.fail("this here-document delimiter is not read", at, self.pos)
        quoted = any(c in raw for c in "'\"\\")
        if not quoted:
            delimiter = raw
        elif all(isinstance(part, Text) for part in word.parts):
            delimiter = "".join(part.value for part in word.parts if isinstance(part, Text))
        else:
            self.fail("this here-document delimiter is not read", at, self.pos)
        if "\n" in delimiter:
            self.fail("a here-document delimiter over several lines", at, self.pos)
        redirect = Redirect(self.at(start, self.pos), operator, descriptor, word)
        self.awaited.append(Awaited(redirect, delimiter, quoted, operator == "<<-"))
        return redirect

    def heredocs(self) -> None:
        """Read the bodies that start at the cursor, the beginning of a line."""
        awaited, self.awaited = self.awaited, []
        for document in awaited:
            heredoc = self._document(document)
            # The command was complete before its here-document; this is the only place where a node is finished late.
            object.__setattr__(document.redirect, "heredoc", heredoc)

    def _document(self, document: Awaited) -> Heredoc:
        start, text, end = self.pos, self.text, self.end
        pieces: list[tuple[int, int]] = []
        pos = start
        stop = end
        while pos < end:
            line_end = text.find("\n", pos)
            line_end = line_end if line_end >= 0 else end
            first = pos
            if document.tabs:
                while text[first] == "\t":
                    first += 1
            while not document.quoted and _continued(text, first, line_end) and line_end < end:
                following = text.find("\n", line_end + 1)
                line_end = following if following >= 0 else end
            line = text[first:line_end]
            if not document.quoted and "\\\n" in line:
                line = line.replace("\\\n", "")
            if line == document.delimiter:
                stop = pos
                pos = min(line_end + 1, end)
                break
            pieces.append((first, min(line_end + 1, end)))
            pos = line_end + 1
        else:
            pos = stop = end
        self.pos = pos
        span = self.at(start, pos)
        return Heredoc(span, document.delimiter, document.quoted, self._content(document, start, stop, pieces))

    def _content(self, document: Awaited, start: int, stop: int, pieces: list[tuple[int, int]]) -> Word:
        text = self.text
        span = self.at(start, stop)
        if document.tabs:
            value = "".join(text[a:b] for a, b in pieces)
        else:
            value = text[start:stop]
        if not value:
            return Word(span, ())
        if document.quoted or not any(c in value for c in "$`\\"):
            return Word(span, (Text(span, value, True),))
        origin: list[int]
        if document.tabs:
            origin = [self.at(i, i)[0] for a, b in pieces for i in range(a, b)]
            origin.append(self.at(stop, stop)[0])
        else:
            origin = [self.at(i, i)[0] for i in range(start, stop + 1)]
        self.enter()
        inner = type(self)(value, self.room, self.budget, origin)
        inner.extended = self.extended
        parts: list[Part] = []
        inner.quoted(parts, "")
        if inner.pos < inner.end:
            inner.unexpected()
        self.leave()
        return Word(span, tuple(parts))


def _continued(text: str, start: int, end: int) -> bool:
    """Whether the line ends in a backslash that is not itself escaped."""
    count = 0
    while end - 1 - count >= start and text[end - 1 - count] == "\\":
        count += 1
    return count % 2 == 1


def _quotes_code(target: Word) -> bool:
    """Whether quoted text in a word would be an expansion if it were read once more."""
    return any(isinstance(part, Text) and ("$" in part.value or "`" in part.value) for part in target.parts)
