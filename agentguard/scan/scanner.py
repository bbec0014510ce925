"""The scan: paths in, one result per file out, in order and whatever happens on the way."""

from __future__ import annotations

import gc
import os
import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice

from agentguard.config import ConfigError
from agentguard.frontdoor import FrontDoor, describe
from agentguard.light import dataclass
from agentguard.policy import Policy
from agentguard.scan import files
from agentguard.scan.decoding import text_of
from agentguard.scan.foreign import once
from agentguard.scan.fragments import fragments
from agentguard.scan.judging import Judge
from agentguard.scan.model import FileResult, Fragment, Hit, Place, Problem
from agentguard.scan.places import Lines
from agentguard.scan.world import ScriptWorld, root_of

__all__ = ["FileResult", "scan"]

TYPE_CHECKING = False
if TYPE_CHECKING:
    from concurrent.futures import Future, ProcessPoolExecutor

#: Fewer files than this are scanned in this process.
_FEW = 50
#: Files that are given to a process at once.
_CHUNK = 12
#: Chunks that wait for each process; more are not begun, so that results do not pile up.
_AHEAD = 3
#: Pieces of one file that are read.
MOST_PIECES = 20_000
#: Objects that are made before the collector looks for those in circles.
_GARBAGE = 20_000
#: The path that means standard input.
_PIPE = "-"


@dataclass(frozen=True, slots=True)
class _Task:
    """A file to scan. ``data`` is its content where it was read already; ``named``: the user gave this very path."""

    path: str
    named: bool
    data: bytes | str | None = None


def scan(
    paths: Sequence[str],
    *,
    kinds: frozenset[str] | None = None,
    markdown: bool = False,
    jobs: int = 0,
    read: Callable[[str], bytes] | None = None,
    leaves_out: Callable[[str], bool] = lambda path: False,
) -> Iterator[FileResult]:
    """Find destructive commands in files. One result for every file of a kind that is read, in the order of ``paths``.

    ``paths`` may be files, directories (walked, sorted, links not followed) and ``-`` for standard input. ``kinds``
    limits to some of ``files.KINDS``; ``markdown`` adds Markdown. ``jobs`` is the number of processes, 0 for one per
    core; they start only where there are many files. ``read`` gives the content of a file in place of the disk (an
    index, a commit); what it raises becomes a problem. Paths that ``leaves_out`` names are not read at all.

    Raises nothing that a file causes: what fails is a ``Problem`` of that file. ``RulebookError`` for a broken
    installation.
    """
    wanted = frozenset(kinds) if kinds is not None else frozenset(files.KINDS) - {"markdown"}
    tasks = iter(_tasks(paths, read, leaves_out))
    work = _Worker(wanted | {"markdown"} if markdown else wanted)
    first = list(islice(tasks, _FEW + 1))
    count = jobs if jobs > 0 else os.cpu_count() or 1
    if len(first) <= _FEW or count == 1:
        for task in _chained(first, tasks):
            result = work.file(task)
            if result is not None:
                yield result
        return
    yield from _spread(work, _chained(first, tasks), count)


def _chained(first: list[_Task], rest: Iterator[_Task]) -> Iterator[_Task]:
    yield from first
    yield from rest


def _tasks(
    paths: Sequence[str], read: Callable[[str], bytes] | None, leaves_out: Callable[[str], bool]
) -> Iterator[_Task]:
    for path, named in files.expand(paths, leaves_out):
        if path == _PIPE:
            yield _Task(path, True, sys.stdin.buffer.read(files.LARGEST + 1))
        elif read is not None:
            yield _Task(path, named, _given(path, read))
        else:
            yield _Task(path, named)


def _given(path: str, read: Callable[[str], bytes]) -> bytes | str:
    try:
        return read(path)
    except Exception as error:  # whatever a reader raises is about this file
        return f"cannot be read: {describe(error)}"


# ------------------------------------------------------------------------------------------ one file


class _Worker:
    """Scans files one by one; holds what is read once."""

    def __init__(self, kinds: frozenset[str]) -> None:
        self.kinds = kinds
        self._door = FrontDoor()
        self._judge = Judge(self._door.rulebook())
        self._roots: dict[str, str] = {}
        self._here = os.path.abspath(os.curdir)
        # a file leaves little behind that only the collector could free; to look for it as often as usual takes a sixth
        gc.freeze()
        gc.set_threshold(_GARBAGE, 50, 100)

    def file(self, task: _Task) -> FileResult | None:
        """The result of one file; None where it is of no kind that is wanted. Never raises an ``Exception``."""
        try:
            return self._file(task)
        except Exception as error:
            return FileResult(task.path, problems=(_whole(task.path, f"agentguard failed: {describe(error)}"),))

    def _file(self, task: _Task) -> FileResult | None:
        path = task.path
        data = task.data if task.data is not None else files.load(path)
        if data is None:
            return None
        if isinstance(data, str):
            return FileResult(path, problems=(_whole(path, data),)) if task.named or files.named(path) else None
        kind = self._piped() if path == _PIPE else files.kind(path, data[:512])
        if not kind and path == _PIPE:
            said = "is taken for a shell script, unless --kind names the one kind that it is"
            return FileResult(path, problems=(_whole(path, said),))
        if kind not in self.kinds and kind != files.UNREAD:
            return None
        if len(data) > files.LARGEST:
            return FileResult(path, problems=(_whole(path, f"is larger than {files.LARGEST:,} bytes and is not read"),))
        if kind == files.UNREAD:
            if "shell" not in self.kinds:
                return None
            program = files.interpreter(data[:512]) or os.path.splitext(path)[1][1:]
            return FileResult(path, problems=(_whole(path, f"{program} is not read", foreign=True),))
        text = text_of(data)
        if text is None:
            return FileResult(path, problems=(_whole(path, "is not a text"),)) if task.named else None
        return self._text(path, kind, text)

    def _piped(self) -> str:
        """The kind of standard input, "" where that cannot be told."""
        return "shell" if "shell" in self.kinds else next(iter(self.kinds)) if len(self.kinds) == 1 else ""

    def _text(self, path: str, kind: str, text: str) -> FileResult:
        lines = Lines(text)
        hits: list[Hit] = []
        problems: list[Problem] = []
        absolute = os.path.abspath(path) if path != _PIPE else os.path.join(self._here, "stdin")
        policy = self._policy(os.path.dirname(absolute), problems, path)
        root = self._root(absolute)
        cwd = root if kind in ("workflow", "gitlab") else os.path.dirname(absolute)
        world = ScriptWorld(root, cwd, policy.settings)
        for number, found in enumerate(fragments(kind, path, lines)):
            if number == MOST_PIECES:
                problems.append(_whole(path, f"holds more than {MOST_PIECES:,} commands; those behind are not read"))
                break
            if isinstance(found, Problem):
                problems.append(found)
                continue
            some, more = self._fragment(found, lines, world, policy, absolute)
            hits += some
            problems += more
        hits.sort(key=lambda hit: (hit.place.line, hit.place.column, hit.rule))
        problems.sort(key=lambda problem: (problem.place.line, problem.place.column))
        needed = hits or problems or "agentguard" in text  # results wait for their turn
        return FileResult(
            path, tuple(dict.fromkeys(hits)), tuple(once(dict.fromkeys(problems))), text if needed else ""
        )

    def _fragment(
        self, fragment: Fragment, lines: Lines, world: ScriptWorld, policy: Policy, absolute: str
    ) -> tuple[list[Hit], list[Problem]]:
        script = absolute if fragment.kind == "shell" else ""
        try:
            return self._judge.judge(fragment, lines, world, policy, script)
        except Exception as error:  # the other fragments of the file are still read
            line, column = fragment.marks[0][1:] if fragment.marks else (1, 1)
            at = Place(fragment.path, line, column, line, column + 1)
            return [], [Problem(at, f"agentguard failed: {describe(error)}")]

    def _policy(self, directory: str, problems: list[Problem], path: str) -> Policy:
        try:
            return self._door.policy(directory)
        except ConfigError as error:
            problems.append(_whole(path, f"the configuration cannot be used: {describe(error)}"))
            return Policy()

    def _root(self, absolute: str) -> str:
        directory = os.path.dirname(absolute)
        if directory not in self._roots:
            root = root_of(absolute)
            inside = directory == self._here or directory.startswith(self._here.rstrip("/") + "/")
            if root == directory and inside and not os.path.lexists(os.path.join(root, ".git")):
                root = self._here
            self._roots[directory] = os.path.realpath(root)
        return self._roots[directory]


def _whole(path: str, message: str, foreign: bool = False) -> Problem:
    return Problem(Place(path, 1, 1, 1, 1), message, foreign)


# ------------------------------------------------------------------------------------- several processes

_inherited: list[_Worker] = []


def _chunk(tasks: list[_Task]) -> list[FileResult]:
    return [result for task in tasks if (result := _inherited[0].file(task)) is not None]


def _begin(kinds: frozenset[str], forked: bool) -> None:
    if not forked:
        _inherited[:] = [_Worker(kinds)]


def _spread(work: _Worker, tasks: Iterator[_Task], count: int) -> Iterator[FileResult]:
    """The results in order, from ``count`` processes that take chunks as they get free."""
    import multiprocessing
    from concurrent.futures import ProcessPoolExecutor

    method = "fork" if "fork" in multiprocessing.get_all_start_methods() and sys.platform != "darwin" else "spawn"
    _inherited[:] = [work]
    context = multiprocessing.get_context(method)
    pool = ProcessPoolExecutor(count, context, initializer=_begin, initargs=(work.kinds, method == "fork"))
    waiting: deque[tuple[list[_Task], Future[list[FileResult]] | None]] = deque()
    try:
        for chunk in _chunks(tasks):
            waiting.append((chunk, _submitted(pool, chunk)))
            if len(waiting) >= count * _AHEAD:
                yield from _finished(work, *waiting.popleft())
        while waiting:
            yield from _finished(work, *waiting.popleft())
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def _chunks(tasks: Iterable[_Task]) -> Iterator[list[_Task]]:
    rest = iter(tasks)
    while chunk := list(islice(rest, _CHUNK)):
        yield chunk


def _submitted(pool: ProcessPoolExecutor, chunk: list[_Task]) -> Future[list[FileResult]] | None:
    from concurrent.futures.process import BrokenProcessPool

    try:
        return pool.submit(_chunk, chunk)
    except BrokenProcessPool:
        return None


def _finished(work: _Worker, chunk: list[_Task], future: Future[list[FileResult]] | None) -> Iterator[FileResult]:
    """The results of a chunk; where its process died, this one scans it again, file by file."""
    from concurrent.futures.process import BrokenProcessPool

    found: list[FileResult] | None = None
    if future is not None:
        try:
            found = future.result()
        except BrokenProcessPool:
            found = None
    if found is None:
        found = [result for task in chunk if (result := work.file(task)) is not None]
    yield from found
