"""What a git command really loses, given the state of the repository: changes, untracked files, commits, stashes.

Each function yields (kind, what) pairs. ``changes``: work that was never committed; ``untracked`` and ``ignored``:
files that no commit holds; ``commits``: commits that no other branch, tag or remote holds; ``stashes``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator

from agentguard.interpret.values import EMPTY, Value, literal
from agentguard.operations import ProgramCall
from agentguard.programs.git_kept import saved, staged
from agentguard.programs.git_place import Place, elsewhere, listed, setting
from agentguard.world.protocol import World

Loss = tuple[str, Value]
Losing = Callable[[ProgramCall, Place, World], Iterator[Loss]]


def losses(call: ProgramCall, at: Place, world: World) -> Iterator[Loss]:
    """What the call loses; nothing where there is no repository, or only one that this command line made."""
    function = _LOSING.get(call.subcommand[0] if call.subcommand else call.program)
    if function is not None and (at.repository is not None or not at.known):
        yield from function(call, at, world)


def _changes(at: Place, specs: Iterable[Value] = ()) -> Iterator[Loss]:
    if not saved(at, "changes"):
        wanted = tuple(specs)
        yield from (("changes", path) for path in listed(at, "changed", wanted))
        for path in staged(at):
            if not wanted or at.within(str(path), wanted):
                yield "changes", path


def _untracked(at: Place, specs: Iterable[Value] = ()) -> Iterator[Loss]:
    if not saved(at, "untracked"):
        yield from (("untracked", path) for path in listed(at, "untracked", specs))


def _commits(at: Place, branch: str | None, target: Value | None) -> Iterator[Loss]:
    """Commits left behind when ``branch`` (None: the one checked out) is deleted, or set to ``target``."""
    repository = at.repository
    if repository is None:
        yield "commits", literal(branch) if branch else elsewhere(at)
        return
    name = branch if branch is not None else repository.branch
    if name is None or not repository.unpushed(name):
        return
    if target is not None and target.known is not None and repository.ancestor(name, target.known):
        return
    yield "commits", literal(name)


def _start(call: ProgramCall, index: int) -> Value:
    """The commit that a branch is set to."""
    return call.operands[index] if len(call.operands) > index else literal("HEAD")


# ----------------------------------------------------------------------------------------- commands


def _reset(call: ProgramCall, at: Place, world: World) -> Iterator[Loss]:
    if call.has("--hard", "--merge"):
        yield from _changes(at)
    if not call.has("--hard", "--merge", "--keep"):
        return
    target = call.operands[0] if call.operands else None
    if target is not None and (target.known is None or target.known not in ("HEAD", "@", "HEAD~0")):
        if at.repository is not None and saved(at, "changes") == "commit":
            yield "commits", literal("the commit made just before")
        elif at.repository is not None or call.has("--hard"):
            yield from _commits(at, None, target)


def _checkout(call: ProgramCall, at: Place, world: World) -> Iterator[Loss]:
    if call.has("--patch", "-p"):
        return
    if call.has("-B"):
        yield from _commits(at, (call.value("-B") or EMPTY).known, _start(call, 0))
    if call.has("--force"):
        yield from _changes(at)
        return
    if call.has("-b", "-B", "--orphan", "--detach", "--track"):
        return
    commit, paths = _paths(call, at, world)
    if call.has("--ours", "--theirs", "--merge") and _merging(at, world):
        return  # picks a side of a conflict
    if call.has("--pathspec-from-file"):
        yield from _changes(at)
    elif paths:
        yield from _changes(at, paths)
        if commit:
            yield from _replaced(at, paths)


def _paths(call: ProgramCall, at: Place, world: World) -> tuple[bool, tuple[Value, ...]]:
    """(whether a commit is named, the paths) of ``checkout [COMMIT] [--] PATH…``."""
    words = call.operands
    if call.after_dashes is not None:
        return call.after_dashes > 0, words[call.after_dashes :]
    if not words:
        return False, ()
    if _is_commit(words[0], at, world):
        return True, words[1:]
    return False, words


def _is_commit(word: Value, at: Place, world: World) -> bool:
    """Whether git takes a word as a branch or commit rather than a path."""
    known = word.known
    if known is None:
        return not any(sign in str(word) for sign in "*?/")
    if known in (".", "..", "*", "./") or known.startswith((":/", ":(", "./", "../", "/")):
        return False
    if at.repository is None:
        return not known.endswith("/") and re.search(r"\.[a-z]{1,5}$", known) is None
    if known == "-" or at.repository.has_ref(known):
        return True
    path = at.named(word)
    return path is None or (world.kind(path) == "missing" and at.repository.holds(path) in ("missing", "outside"))


def _replaced(at: Place, paths: Iterable[Value]) -> Iterator[Loss]:
    """Untracked files named themselves, which the version of a commit replaces (a directory keeps its own)."""
    for path in paths:
        name = at.named(path)
        if at.repository is not None and name is not None and at.repository.holds(name) == "untracked":
            yield from _untracked(at, (path,))


def _merging(at: Place, world: World) -> bool:
    """Whether a merge or rebase is under way, where picking sides is the way to go on."""
    return any(
        world.kind(f"{at.root}/.git/{name}") != "missing"
        for name in ("MERGE_HEAD", "REBASE_HEAD", "CHERRY_PICK_HEAD", "rebase-merge", "rebase-apply")
    )


def _restore(call: ProgramCall, at: Place, world: World) -> Iterator[Loss]:
    if call.has("--patch", "-p") or (call.has("--staged") and not call.has("--worktree")):
        return
    if call.has("--ours", "--theirs", "--merge") and _merging(at, world):
        return
    if call.operands:
        yield from _changes(at, call.operands)
        if call.has("--source"):
            yield from _replaced(at, call.operands)
    elif call.has("--pathspec-from-file"):
        yield from _changes(at)


def _switch(call: ProgramCall, at: Place, world: World) -> Iterator[Loss]:
    if call.has("--force-create"):
        name = (call.value("--force-create") or EMPTY).known
        yield from _commits(at, name, _start(call, 0))
    if call.has("--discard-changes"):
        yield from _changes(at)


def _clean(call: ProgramCall, at: Place, world: World) -> Iterator[Loss]:
    if call.has("--dry-run", "-n", "--interactive", "-i"):
        return
    required = (setting("clean.requireForce", call, at, world) or "true").lower()
    if not call.has("--force") and required not in ("false", "no", "off", "0"):
        return
    specs = call.operands or (literal("."),)
    if not call.has("-X"):
        yield from _untracked(at, specs)
    if call.has("-x", "-X"):
        yield from (("ignored", path) for path in listed(at, "ignored", specs))


def _stash(call: ProgramCall, at: Place, world: World) -> Iterator[Loss]:
    if call.subcommand[1:] not in (("drop",), ("clear",)):
        return
    repository = at.repository
    put_aside = repository is not None and (
        (repository.dirty and saved(at, "some") == "stash")
        or (bool(repository.listed("untracked")) and saved(at, "untracked") == "stash")
    )
    if repository is None or repository.stashes or put_aside:
        which = call.operands[0] if call.operands and call.subcommand[1] == "drop" else None
        whole = "all stashes" if call.subcommand[1] == "clear" else "the latest stash"
        yield "stashes", which if which is not None else literal(whole)


def _branch(call: ProgramCall, at: Place, world: World) -> Iterator[Loss]:
    if call.has("--remotes", "--list", "--show-current", "--edit-description"):
        return
    force = call.has("--force")
    if call.has("-D") or (call.has("--delete") and force):
        for word in call.operands:
            yield from _deleted(word, at)
    elif call.has("-M", "-C") or (call.has("--move", "--copy") and force):
        if call.operands and call.operands[-1].known:
            name = call.operands[-1].known
            if at.repository is None or name != at.repository.branch:
                yield from _commits(at, name, None)
    elif force and call.operands:
        yield from _commits(at, call.operands[0].known or "", _start(call, 1))


def _deleted(word: Value, at: Place) -> Iterator[Loss]:
    if "git:merged" in word.sources:
        return  # what ``git branch --merged`` printed
    if word.known is None or at.repository is None:
        yield "commits", word
    else:
        yield from _commits(at, word.known, None)


def _update_ref(call: ProgramCall, at: Place, world: World) -> Iterator[Loss]:
    if len(call.operands) < 2 or call.has("--delete", "-d", "--stdin"):
        return  # deletions have a rule of their own
    name = call.operands[0].known or ""
    if name.startswith("refs/heads/"):
        yield from _commits(at, name.removeprefix("refs/heads/"), call.operands[1])
    elif name == "HEAD":
        yield from _commits(at, None, call.operands[1])


def _fetch(call: ProgramCall, at: Place, world: World) -> Iterator[Loss]:
    """``fetch origin +main:main`` sets a local branch."""
    for word in call.operands[1:]:
        known = word.known or ""
        source, sign, name = known.removeprefix("+").partition(":")
        if not sign or not (known.startswith("+") or call.has("--force")):
            continue
        name = name.removeprefix("refs/heads/")
        if name and not name.startswith("refs/"):
            yield from _commits(at, name, literal(f"{call.operands[0]}/{source.removeprefix('refs/heads/')}"))


def _plumbing(call: ProgramCall, at: Place, world: World) -> Iterator[Loss]:
    """read-tree -u --reset, checkout-index -f."""
    if call.subcommand[0] == "read-tree":
        if call.has("--reset") or (call.has("-u") and not call.has("-m")):
            yield from _changes(at)
    elif call.has("--force", "-f") and not call.has("--prefix"):
        yield from _changes(at, () if call.has("-a", "--all") else call.operands)


def _rm(call: ProgramCall, at: Place, world: World) -> Iterator[Loss]:
    if call.has("--force") and not call.has("--cached", "--dry-run", "-n"):
        yield from _changes(at, call.operands)


def _mv(call: ProgramCall, at: Place, world: World) -> Iterator[Loss]:
    """``git mv -f a b``: what was at ``b``."""
    if not call.has("--force") or call.has("--dry-run", "-n") or len(call.operands) != 2:
        return
    target = at.named(call.operands[1])
    if at.repository is not None and target is not None and _is_file(target, world):
        for state in ("changed", "untracked"):
            if target in (at.repository.listed(state) or ()):
                yield "changes", literal(target)


def _is_file(path: str, world: World) -> bool:
    return world.kind(path) in ("file", "link")


#: Says of a stream that it is what ``git diff`` prints of the work that was not committed.
UNCOMMITTED = "git:uncommitted"


def uncommitted(call: ProgramCall, at: Place, world: World) -> bool:
    """Whether a ``git diff`` compares the work tree, with the index or with one commit."""
    if call.has("--cached", "--staged", "--no-index", "--name-only", "--stat", "--name-status"):
        return False
    words = call.operands[: call.after_dashes] if call.after_dashes is not None else call.operands
    commits = [word for word in words if _is_commit(word, at, world)]
    return len(commits) < 2 and not any(".." in str(word) for word in commits)


def _apply(call: ProgramCall, at: Place, world: World) -> Iterator[Loss]:
    """``git diff | git apply -R``, also by ``patch``: the diff that is taken back is kept nowhere."""
    if not call.has("-R", "--reverse") or call.has("--check", "--dry-run", "--stat", "--cached"):
        return
    written = at.invocation.written
    named = [word for word in call.operands if word.known not in ("-", "/dev/stdin")]
    stream = at.invocation.stdin
    if named and (named[0].known or "").startswith("/dev/fd/"):  # <(git diff)
        stream, named = written.get(named[0].known or ""), []
    if stream is None:
        return
    kept = any(UNCOMMITTED in text.sources for path, text in written.items() if not path.startswith("/dev/fd/"))
    if UNCOMMITTED in stream.sources and not kept and not (named and call.program == "git"):
        yield from _changes(at)


def _show(call: ProgramCall, at: Place, world: World) -> Iterator[Loss]:
    """``git show HEAD:FILE > FILE`` takes a file back as ``git checkout HEAD FILE`` does."""
    shown = {(word.known or "").partition(":")[2].removeprefix("./").rpartition("/")[2] for word in call.operands}
    for item in at.invocation.redirections:
        if item.operator in (">", ">|") and item.descriptor in (None, 1) and item.target.known:
            if item.target.known.rpartition("/")[2] in shown:
                yield from _changes(at, (item.target,))


def _worktree(call: ProgramCall, at: Place, world: World) -> Iterator[Loss]:
    """``worktree add -B name path``."""
    if call.subcommand[1:2] == ("add",) and call.has("-B"):
        yield from _commits(at, (call.value("-B") or EMPTY).known, _start(call, 1))


_LOSING: dict[str, Losing] = {
    "reset": _reset,
    "checkout": _checkout,
    "restore": _restore,
    "switch": _switch,
    "clean": _clean,
    "stash": _stash,
    "branch": _branch,
    "update-ref": _update_ref,
    "fetch": _fetch,
    "pull": _fetch,
    "read-tree": _plumbing,
    "checkout-index": _plumbing,
    "rm": _rm,
    "mv": _mv,
    "worktree": _worktree,
    "apply": _apply,
    "show": _show,
    "cat-file": _show,
    "patch": _apply,
}
