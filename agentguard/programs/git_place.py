"""Where a git command works: the work tree it hits, and what is known of it."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator
from fnmatch import fnmatchcase
from itertools import islice

from agentguard import regex
from agentguard.interpret.invocation import Invocation
from agentguard.interpret.values import Value, literal
from agentguard.light import dataclass, replace
from agentguard.operations import ProgramCall
from agentguard.programs.contract import absolute, environment
from agentguard.world.protocol import Repository, World

_PAIR = regex.compile(r"'([^'=]+)'?='?((?:[^'\\]|\\.|'\\'')*)'")
#: Where a command line keeps what it set by ``git config``: no program can make files below it.
SET = "/dev/null/git-set/"
#: Paths named in one finding; the rest is like them.
NAMED = 8


@dataclass(frozen=True, slots=True)
class Place:
    """``known`` is false on another machine, or where the directory is known only at run time.

    ``repository`` is None where there is none, or where this very command line made it: nothing is lost there.
    """

    directory: Value
    repository: Repository | None
    known: bool
    invocation: Invocation

    @property
    def root(self) -> str:
        return self.repository.root if self.repository is not None else ""

    def within(self, path: str, specs: Iterable[Value]) -> bool:
        """Whether an absolute path may be meant by one of these pathspecs (relative to the directory)."""
        return any(self._covers(spec, path) for spec in specs)

    def _covers(self, spec: Value, path: str) -> bool:
        if spec.unknown:
            return True
        text = str(spec)
        if text.startswith(":"):
            return True  # magic: from the top, with exclusions, by attributes
        here = absolute(literal(text or "."), replace(self.invocation, cwd=self.directory)).known
        if here is None:
            return True
        where = posixpath.normpath(here)
        plain = path.rstrip("/")
        if plain == where or plain.startswith(where.rstrip("/") + "/") or where.startswith(plain + "/"):
            return True
        return any(sign in text for sign in "*?[") and fnmatchcase(plain, where)

    def named(self, name: Value) -> str | None:
        """The absolute path of one word, None where it is not known."""
        known = absolute(name, replace(self.invocation, cwd=self.directory)).known
        return posixpath.normpath(known) if known else None


def place(call: ProgramCall, invocation: Invocation, world: World) -> Place:
    """The directory after every ``-C``, ``--work-tree`` or ``--git-dir``, and its repository."""
    where = invocation.cwd
    for word in call.values("-C"):
        where = absolute(word, replace(invocation, cwd=where))
    tree = call.value("--work-tree") or environment("GIT_WORK_TREE", invocation, world)
    folder = call.value("--git-dir") or environment("GIT_DIR", invocation, world)
    if folder is not None:
        folder = absolute(folder, replace(invocation, cwd=where))
    if tree is not None:
        where = absolute(tree, replace(invocation, cwd=where))
    directory = where.known
    if directory is None or invocation.place:
        return Place(where, None, False, invocation)
    directory = posixpath.normpath(directory)
    if fresh(directory, invocation):
        return Place(literal(directory), None, True, invocation)
    repository = world.repository(directory)
    own = f"{repository.root}/.git" if repository is not None else ""
    elsewhere = tree is not None and (repository is None or repository.root != directory)
    if elsewhere or (folder is not None and (folder.known is None or posixpath.normpath(folder.known) != own)):
        # the files of one place under the history of another: what differs is not what git status says here
        return Place(literal(directory), None, False, invocation)
    return Place(literal(directory), repository, True, invocation)


def listed(at: Place, state: str, specs: Iterable[Value] = ()) -> Iterator[Value]:
    """The paths in a state that the pathspecs mean (all, without any); the directory itself where it cannot be read."""
    wanted = tuple(specs)
    if at.repository is None:
        yield elsewhere(at)
        return
    listed = at.repository.listed(state)
    if listed is None:
        yield literal(at.root)
        return
    yield from islice(
        (literal(path) for path in sorted(listed) if not wanted or at.within(path, wanted)), NAMED
    )


def elsewhere(at: Place) -> Value:
    return literal(at.invocation.place) if at.invocation.place else at.directory


def fresh(path: str, invocation: Invocation) -> bool:
    """Whether this very command line made the path."""
    return any(path == made or path.startswith(made.rstrip("/") + "/") for made in invocation.created)


def settings(call: ProgramCall, invocation: Invocation, world: World) -> Iterator[tuple[str, Value]]:
    """Configuration given with the call: ``-c key=value``, ``--config-env``, ``GIT_CONFIG_*``. Keys are lower case."""
    for word in call.values("-c"):
        name, sign, _ = word.prefix.partition("=")
        if sign:
            yield name.lower(), Value((word.prefix[len(name) + 1 :], *word.pieces[1:]), word.sources)
        elif word.known:
            yield word.known.lower(), literal("true")
    for word in call.values("--config-env"):
        name, _, variable = (word.known or "").partition("=")
        value = environment(variable, invocation, world) if variable else None
        if value is not None:
            yield name.lower(), value
    for name in invocation.env:
        if name.startswith("GIT_CONFIG_KEY_"):
            key = environment(name, invocation, world)
            value = environment(name.replace("KEY", "VALUE"), invocation, world)
            if key is not None and value is not None:
                yield (key.known or "").lower(), value
    given = invocation.env.get("GIT_CONFIG_PARAMETERS")
    if given is not None:
        for match in _PAIR.finditer(given.known or ""):
            yield match[1].lower(), literal(match[2])


def setting(key: str, call: ProgramCall, at: Place, world: World) -> str | None:
    """A configuration value, from the call or from the repository; None where it is unset or not known."""
    found = None
    for name, value in settings(call, at.invocation, world):
        if name == key.lower():
            found = value.known
    if found is None and (planted := at.invocation.written.get(SET + key.lower())) is not None:
        found = planted.known
    if found is None and at.repository is not None:
        found = at.repository.config(key)
    return found
