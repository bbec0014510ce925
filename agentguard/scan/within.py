"""Where in a here-document or a quoted text of several lines a command stands that some other command reads."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from agentguard.analysis import Analysis
from agentguard.interpret.invocation import Invocation
from agentguard.light import dataclass
from agentguard.operations import Operation, SqlStatement
from agentguard.syntax.nodes import Heredoc, Pipeline, Script, Simple, Span, Word
from agentguard.syntax.walk import nodes


@dataclass(frozen=True, slots=True)
class Within:
    """A text with its tree, and what reading it came to."""

    text: str
    tree: Script
    analysis: Analysis

    def find(self, outer: Span, invocation: Invocation, operation: Operation | None = None) -> Span | None:
        """The command itself, where it stands on another line than the start of ``outer``, the one that leads there.

        None where it does not, or where the text is not found again as it was read.
        """
        regions = [region for region in self._regions(outer) if "\n" in self.text[region[0] : region[1]]]
        found = next(self._commands(regions, invocation), None) if regions and invocation.trail else None
        if found is None and isinstance(operation, SqlStatement):
            found = self._statement(regions, operation)
        if found is None and regions and invocation.trail:
            found = self._name(regions, invocation)
        return found if found is not None and "\n" in self.text[outer[0] : found[0]] else None

    def _regions(self, outer: Span) -> Iterator[Span]:
        """The words and here-documents of the commands that are joined by pipes with the one at ``outer``."""
        every = list(nodes(self.tree))
        simple = [node for node in every if isinstance(node, Simple) and node.span[0] <= outer[0] < node.span[1]][-1:]
        joined = [
            node
            for node in every
            if isinstance(node, Pipeline) and any(command is one for command in node.commands for one in simple)
        ]
        for holding in joined or simple:
            for node in nodes(holding):
                if isinstance(node, Heredoc):
                    yield node.body.span
                elif isinstance(node, Word):
                    yield node.span

    def _statement(self, regions: Iterable[Span], operation: SqlStatement) -> Span | None:
        words = [re.escape(word) for word in (operation.verb, *operation.object.split(), operation.name) if word]
        if not operation.verb.isalpha() or len(words) < 2:
            return None
        pattern = re.compile(r"\b" + r"\b[^;]*?".join(words), re.IGNORECASE)
        found = (pattern.search(self.text, *region) for region in regions)
        return next((match.span() for match in found if match is not None), None)

    def _name(self, regions: Iterable[Span], invocation: Invocation) -> Span | None:
        """A command in the code of another language: where its name stands."""
        pattern = re.compile(rf"(?<![\w./-]){re.escape(invocation.name or ' ')}(?![\w-])")
        found = (pattern.search(self.text, *region) for region in regions)
        return next((match.span() for match in found if match is not None), None)

    def _commands(self, regions: Iterable[Span], invocation: Invocation) -> Iterator[Span]:
        start, end = invocation.span
        for read, _ in self.analysis.texts:
            command = read[start:end].strip()
            name = invocation.name or ""
            if not command or name not in command:
                continue
            number = read.count("\n", 0, start)
            rows = read.split("\n")
            for region in regions:
                at = self._row(region, rows, number)
                if at is None:
                    continue
                line_end = self.text.find("\n", at)
                line_end = region[1] if line_end < 0 else min(line_end, region[1])
                whole = self.text.find(command, at, region[1])
                if at <= whole <= line_end:
                    yield whole, whole + len(command)
                    continue
                head = max(self.text.find(name, at, line_end), at)
                yield head, max(line_end, head + 1)

    def _row(self, region: Span, rows: list[str], number: int) -> int | None:
        """Where in a region a row of a text begins; variables in it may have been filled in."""
        start, end = region
        wanted = rows[number].strip()
        lines = self.text[start:end].split("\n")
        offset = start
        same = []
        for index, line in enumerate(lines):
            if line.strip(" \t'\"\\") == wanted.strip(" \t'\"\\") and wanted:
                same.append((index != number, offset + len(line) - len(line.lstrip())))
            offset += len(line) + 1
        if same:
            return min(same)[1]
        if len(lines) != len(rows):
            return None
        offset = start + sum(len(line) + 1 for line in lines[:number])
        return offset + len(lines[number]) - len(lines[number].lstrip())
