"""What a command line put aside itself: stashes, commits and what it gave to git, for the later calls in it."""

from __future__ import annotations

from collections.abc import Iterator

from agentguard.interpret.invocation import Written
from agentguard.interpret.values import EMPTY, Value, literal
from agentguard.operations import ProgramCall
from agentguard.programs.git_place import Place, listed


def saving(call: ProgramCall, at: Place) -> Iterator[Written]:
    """Notes for later calls of this command line that ``git stash`` or a commit of everything keeps the work.

    A note is a file that no program makes; what counts is the source of its content, which no program can give.
    """
    verb = call.subcommand[0]
    if at.repository is None:
        return
    if verb == "stash" and call.subcommand[1:] in ((), ("push",), ("save",)):
        yield _note(at, "some", "stash")
        if not call.operands and not call.has("--patch", "-p", "--staged", "-S", "--pathspec-from-file"):
            yield _note(at, "changes", "stash")
            if call.has("--include-untracked", "-u", "--all", "-a"):
                yield _note(at, "untracked", "stash")
    elif verb == "stash" and call.subcommand[1:] in (("pop",), ("apply",), ("branch",)):
        yield from (_note(at, kind, "") for kind in ("changes", "untracked", "some") if saved(at, kind) == "stash")
    elif verb == "add":
        yield from _adding(call, at)
        yield from _added(call, at)
    elif verb in ("commit", "reset", "restore") and not call.has("--dry-run", "--hard"):
        yield _note(at, "staged", "")
        yield from _committed(call, at) if verb == "commit" else ()


def _added(call: ProgramCall, at: Place) -> Iterator[Written]:
    if call.has("--all", "-A") or any(word.known in (".", ":/") for word in call.operands):
        yield _note(at, "added", "add")


def _committed(call: ProgramCall, at: Place) -> Iterator[Written]:
    if not call.operands and not call.has("--patch", "-p"):
        added = saved(at, "added")
        if added or call.has("--all", "-a"):
            yield _note(at, "changes", "commit")
        if added:
            yield _note(at, "untracked", "commit")


def _adding(call: ProgramCall, at: Place) -> Iterator[Written]:
    """A note of what a ``git add`` puts under git: from then on a reset takes new files along.

    Which files are new is asked only when something is about to be lost.
    """
    if call.has("--dry-run", "-n", "--update", "-u"):
        return
    specs = {at.root if word.prefix.startswith(":") else at.named(word) or at.root for word in call.operands}
    if not specs and call.has("--all", "-A"):
        specs = {at.root}
    if specs:
        sources = frozenset(f"git:{path}" for path in (*specs, *_given(at)))
        yield Written(literal(f"{at.root}/.git/staged kept"), Value(("kept",), sources))


def _given(at: Place) -> list[str]:
    note = at.invocation.written.get(f"{at.root}/.git/staged kept", EMPTY)
    return sorted(source[4:] for source in note.sources if source.startswith("git:"))


def staged(at: Place) -> Iterator[Value]:
    """The new files that this command line gave to git and committed nowhere."""
    given = _given(at)
    if given:
        yield from listed(at, "untracked", map(literal, given))


def _note(at: Place, kind: str, how: str) -> Written:
    sources = frozenset({f"git:{how}"}) if how else frozenset()
    return Written(literal(f"{at.root}/.git/{kind} kept"), Value(("kept",), sources))


def saved(at: Place, kind: str) -> str:
    """How this command line kept the work before (stash, commit, add), or ""."""
    note = at.invocation.written.get(f"{at.root}/.git/{kind} kept", EMPTY)
    return next((source[4:] for source in note.sources if source.startswith("git:")), "")
