"""From what the scanner found in each file to one report: what people have silenced, or did not change, is taken out.

Fingerprints are made before anything is taken out, so that a new comment does not change those of other lines.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from agentguard.light import dataclass, field
from agentguard.output import visible
from agentguard.scan import baseline
from agentguard.scan.baseline import Found
from agentguard.scan.changes import Changed
from agentguard.scan.model import Hit, Problem, Report
from agentguard.scan.silence import Configured, comments, silence

TYPE_CHECKING = False
if TYPE_CHECKING:
    from agentguard.scan.scanner import FileResult


@dataclass(slots=True)
class Sieve:
    """Takes the results of files one by one. ``root`` is the top of the project; paths are told from there.

    ``known`` are the fingerprints of the baseline. ``silencing`` off reports everything. ``changed`` is None where all
    lines count.
    """

    root: str
    configured: Configured = field(default_factory=Configured)
    known: frozenset[str] = frozenset()
    changed: Changed | None = None
    silencing: bool = True
    found: list[Found] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    scanned: set[str] = field(default_factory=set)
    fingerprints: set[str] = field(default_factory=set)
    files: int = 0
    silenced: int = 0
    excluded: int = 0

    def leaves_out(self, path: str) -> bool:
        """Whether the configuration excludes a path; those that it does are counted."""
        out = self.silencing and self.configured.excludes_file(path)
        self.excluded += out
        return out

    def take(self, result: FileResult) -> None:
        """Sift the result of one file."""
        path = baseline.from_top(result.path, self.root)
        self.files += 1
        self.scanned.add(visible(path))
        self.problems += [problem for problem in result.problems if self._new(problem, path)]
        hits, about = list(result.hits), list[Hit]()
        identified = baseline.identify(hits, path)
        if self.silencing:
            hits, about = silence(hits, comments(result.path, result.text))
            hits = [hit for hit in hits if not self.configured.ignores_hit(hit)]
            about = [hit for hit in about if not self.configured.ignores_hit(hit)]
        kept = {id(hit) for hit in hits}
        left = [one for one in identified if id(one.hit) in kept]
        self.silenced += len(identified) - len(left)
        self.add([*left, *baseline.identify(about, path)])

    def add(self, found: Sequence[Found]) -> None:
        """Keep what is not in the baseline and, where only changes count, touches a changed line."""
        self.fingerprints |= {one.fingerprint for one in found}
        new = [one for one in found if one.fingerprint not in self.known]
        self.silenced += len(found) - len(new)
        self.found += [one for one in new if self._changed(one)]

    def report(self, seconds: float) -> Report:
        """The whole, in the order of paths and lines."""
        self.found.sort(key=lambda one: (one.hit.place.path, one.hit.place.line, one.hit.place.column))
        hits = [one.hit for one in self.found]
        return Report(hits, self.problems, self.files, self.silenced, seconds, self.excluded)

    def _changed(self, one: Found) -> bool:
        return self._touched(one.path, one.hit.touches)

    def _new(self, problem: Problem, path: str) -> bool:
        """Whether what could not be read changed; a whole file did where any of it did."""
        return self._touched(path, lambda first, last: problem.whole or first <= problem.place.line <= last)

    def _touched(self, path: str, touches: Callable[[int, int], bool]) -> bool:
        if self.changed is None:
            return True
        if path not in self.changed:
            return False
        stretches = self.changed[path]
        return stretches is None or any(touches(first, last) for first, last in stretches)
