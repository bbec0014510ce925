"""git: what its words start, and what they lose in the repository they really hit.

What is lost is said as calls of its own, ``git loses changes PATH…`` (no git has such a command): kinds are
``changes untracked ignored commits stashes``, and the rules in rules/git.toml speak of them. Pushes and what needs no
state are judged by their words.
"""

from __future__ import annotations

from collections.abc import Iterator

from agentguard.interpret.invocation import Effect, Invocation, Output, Written
from agentguard.interpret.values import Origin, Unknown, Value, concat, literal
from agentguard.light import replace
from agentguard.operations import Opaque, Option, ProgramCall
from agentguard.programs import git_kept, git_losses, git_place, git_runs
from agentguard.programs.contract import absolute
from agentguard.programs.git_place import Place, place
from agentguard.programs.greps import matching
from agentguard.world.protocol import World

#: Commands of git itself and its usual companions; anything else is an alias or an unknown plug-in.
_COMMANDS = frozenset({
    "absorb", "add", "am", "annex", "annotate", "apply", "archive", "bisect", "blame", "branch", "branchless",
    "bugreport", "bundle", "cat-file", "check-attr", "check-ignore", "check-mailmap", "check-ref-format", "checkout",
    "checkout-index", "cherry", "cherry-pick", "citool", "clean", "clone", "column", "commit", "commit-graph",
    "commit-tree", "config", "count-objects", "credential", "credential-cache", "credential-libsecret",
    "credential-manager", "credential-osxkeychain", "credential-store", "crypt", "cvsexportcommit", "cvsimport",
    "daemon", "describe", "diagnose", "diff", "diff-files", "diff-index", "diff-tree", "difftool", "fast-export",
    "fast-import", "fetch", "fetch-pack", "filter-branch", "filter-repo", "flow", "fmt-merge-msg", "for-each-ref",
    "for-each-repo", "format-patch", "fsck", "gc", "get-tar-commit-id", "grep", "gui", "hash-object", "help", "hook",
    "http-backend", "http-fetch", "http-push", "imap-send", "index-pack", "init", "init-db", "instaweb",
    "interpret-trailers", "lfs", "log", "loses", "ls-files", "ls-remote", "ls-tree", "machete", "mailinfo",
    "mailsplit", "maintenance", "merge", "merge-base", "merge-file", "merge-index", "merge-tree", "mergetool",
    "mktag", "mktree", "multi-pack-index", "mv", "name-rev", "notes", "pack-objects", "pack-redundant", "pack-refs",
    "patch-id", "prune", "prune-packed", "pull", "push", "quiltimport", "range-diff", "read-tree", "rebase",
    "reflog", "remote", "repack", "replace", "replay", "request-pull", "rerere", "reset", "restore", "rev-list",
    "rev-parse", "revert", "rm", "scalar", "secret", "send-email", "send-pack", "shell", "shortlog", "show",
    "show-branch", "show-index", "show-ref", "sparse-checkout", "stage", "stash", "status", "stripspace",
    "submodule", "subtree", "svn", "switch", "symbolic-ref", "tag", "town", "unpack-file", "unpack-objects",
    "update-index", "update-ref", "update-server-info", "upload-archive", "upload-pack", "var", "verify-commit",
    "verify-pack", "verify-tag", "version", "whatchanged", "worktree", "write-tree",
})  # fmt: skip

_PRUNING = frozenset({"gc.pruneexpire", "gc.reflogexpire", "gc.reflogexpireunreachable"})

#: Where options that are known only when it runs could make a harmless form a destructive one.
_RISKY = frozenset({"reset", "checkout", "clean", "restore", "switch", "branch", "stash"})


def git(call: ProgramCall, invocation: Invocation, world: World) -> Iterator[Effect]:
    """Everything a git command does besides its plain call."""
    if call.has("--help", "--version", "-h") or (not call.subcommand and not call.operands):
        return
    yield from git_runs.configured(call, invocation, world)
    if not call.subcommand:
        yield Opaque("which git command this is, is known only when it runs")
        return
    at = place(call, invocation, world)
    if call.subcommand[0] not in _COMMANDS:
        yield from git_runs.alias(call, at, world)
        return
    yield from git_runs.in_repository(at, world)
    yield from _as_if(call, invocation, world)
    yield from lost(call, at, world)
    yield from git_runs.commands(call, at, world)
    yield from git_runs.hooks(call, at, world)
    if call.opaque and call.subcommand[0] in _RISKY:
        yield Opaque(f"some options of git {call.subcommand[0]} are known only when it runs")
    yield from git_kept.saving(call, at)
    yield from _made(call, at)
    yield from _printed(call, at, world)


def patch(call: ProgramCall, invocation: Invocation, world: World) -> Iterator[Effect]:
    """patch, which takes back what ``git diff`` prints as ``git apply`` does."""
    yield from lost(call, place(call, invocation, world), world)


def lost(call: ProgramCall, at: Place, world: World) -> Iterator[ProgramCall]:
    """One call ``git loses KIND WHAT…`` for each kind of loss."""
    kinds: dict[str, list[Value]] = {}
    for kind, what in git_losses.losses(call, at, world):
        kinds.setdefault(kind, []).append(_shown(what, at))
    for kind, values in kinds.items():
        yield ProgramCall("git", ("loses", kind), (), tuple(values))


def _as_if(call: ProgramCall, invocation: Invocation, world: World) -> Iterator[ProgramCall]:
    """The same call with the options that its configuration stands for."""
    for key, value in git_place.settings(call, invocation, world):
        text = str(value).lower()
        option = None
        if call.subcommand[0] == "push" and key.startswith("remote."):
            if key.endswith(".mirror") and text in ("true", "1", "yes", "on"):
                option = Option("--mirror")
            elif key.endswith(".push") and text.startswith("+"):
                option = Option("--force")
        elif call.subcommand[0] in ("gc", "maintenance") and key in _PRUNING and text in ("now", "all", "0"):
            yield ProgramCall("git", ("gc",), (Option("--prune", literal("now")),), ())
        if option is not None:
            yield replace(call, options=(*call.options, option))


def _shown(what: Value, at: Place) -> Value:
    """Paths as people write them: relative to the work tree."""
    known = what.known
    return literal(known.removeprefix(at.root + "/")) if known is not None and at.root else what


def _made(call: ProgramCall, at: Place) -> Iterator[Effect]:
    """Directories that a command makes: clone, init, worktree add."""
    words = call.operands
    name: Value | None = None
    if call.subcommand[0] == "clone" and words:
        known = words[0].known
        base = known.rstrip("/").removesuffix("/.git").rsplit("/", 1)[-1].rsplit(":", 1)[-1] if known else None
        name = words[1] if len(words) > 1 else literal(base.removesuffix(".git")) if base else None
    elif words and (call.subcommand[0] == "init" or call.subcommand == ("worktree", "add")):
        name = words[0]
    if name is not None and at.directory.known is not None and at.known:
        where = name if name.prefix.startswith("/") else concat((at.directory, literal("/"), name))
        yield Written(absolute(where, at.invocation), None)


def _printed(call: ProgramCall, at: Place, world: World) -> Iterator[Effect]:
    """Commands that print names: files below the working directory, the root, the branch, object names."""
    sources = frozenset({"cmd:git"})
    match call.subcommand[0]:
        case "ls-files":
            yield Output(_files(call, at, sources))
        case "diff" | "ls-tree" if call.has("--name-only"):
            names = Unknown(Origin.OUTPUT, "git ls-files", many=True, path_safe=True)
            yield Output(Value(("./", names), sources))
        case "diff" if git_losses.uncommitted(call, at, world):
            diff = Unknown(Origin.OUTPUT, "git diff", many=True)
            yield Output(Value((diff,), sources | {git_losses.UNCOMMITTED}))
        case "grep" if (found := matching(call, at.invocation, world)) is not None:
            yield Output(found)
        case "rev-parse" if call.has("--show-toplevel") and at.root:
            yield Output(Value((at.root + "\n",), sources))
        case "rev-parse" if call.has("--abbrev-ref") and [w.known for w in call.operands] in (["HEAD"], ["@"]):
            yield from _branch(at, sources)
        case "branch" if call.has("--show-current"):
            yield from _branch(at, sources)
        case "branch" if call.has("--merged") and not call.has("--remotes", "--all"):
            merged = Unknown(Origin.OUTPUT, "git branch --merged", many=True)
            yield Output(Value((merged,), sources | {"git:merged"}))
        case "rev-parse" | "merge-base" | "hash-object" | "write-tree" | "commit-tree" if not call.has("--git-dir"):
            if not any(option.name.startswith("--show") for option in call.options):
                yield Output(Value((Unknown(Origin.OUTPUT, "git", path_safe=True),), sources))


def _files(call: ProgramCall, at: Place, sources: frozenset[str]) -> Value:
    """What ``git ls-files`` prints: exactly what git says of other and changed files, else something below here."""
    states = ["untracked"] if call.has("--others") else ["changed"] if call.has("--modified") else []
    if call.has("--others") and not call.has("--exclude-standard"):
        states.append("ignored")
    here = at.directory.known
    if states and at.repository is not None and here is not None:
        listed = [at.repository.listed(state) for state in states]
        if None not in listed:
            found = sorted({path for paths in listed for path in paths or () if path.startswith(here + "/")})
            lines = [_line(path.removeprefix(here + "/"), sources) for path in found]
            return concat(lines) if lines else Value((), sources)
    end = call.operands[0].known if len(call.operands) == 1 else None
    suffix = end.rpartition("*")[2] if end and "*" in end else ""
    names = Unknown(Origin.OUTPUT, "git ls-files", many=True, path_safe=True)
    return Value(("./", names, suffix) if suffix else ("./", names), sources)


def _line(name: str, sources: frozenset[str]) -> Value:
    """A file, or the files in a directory that is listed as a whole."""
    inside = Unknown(Origin.OUTPUT, "git ls-files", path_safe=True)
    return Value((name, inside, "\n") if name.endswith("/") else (name + "\n",), sources)


def _branch(at: Place, sources: frozenset[str]) -> Iterator[Effect]:
    if at.repository is not None and at.repository.branch:
        yield Output(Value((at.repository.branch + "\n",), sources))
