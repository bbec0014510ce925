"""What the interpreter hands to the programs stage, and what it gets back."""

from __future__ import annotations

from collections.abc import Mapping

from agentguard.interpret.values import NOTHING, Value
from agentguard.light import dataclass, field
from agentguard.operations import Operation
from agentguard.syntax.nodes import Span


@dataclass(frozen=True, slots=True)
class Step:
    """One step on the way from the command line to an invocation: ``sudo``, ``bash -c``, ``function deploy``.

    ``span`` lies in the text of the step before it (for the first step: the text that was judged).
    """

    label: str
    span: Span


@dataclass(frozen=True, slots=True)
class Redirection:
    """A redirection with its target expanded. ``target`` of a here-document or here-string is its text."""

    operator: str
    descriptor: int | str | None
    target: Value
    span: Span


@dataclass(frozen=True, slots=True)
class Invocation:
    """One program (or builtin) that would be started, with the words it would get.

    ``argv[0]`` is the command word as expanded. ``span`` lies in the innermost text; ``trail`` leads there from
    the outermost. ``env`` holds only what the command line itself changed (assignments before the command,
    exports, ``env NAME=…``): None means removed; the rest is ``World.env``. ``cwd`` is absolute where known.
    ``stdin`` is None where standard input is inherited. ``place`` is ``""`` on this machine, else where the
    program runs (``ssh db1``, ``container web``): local files and git state say nothing there.
    ``tags`` are facts for the rules: ``background``, ``privileged``, ``function``, ``captured`` (standard output goes
    to a pipe, a substitution or a file, and is not shown), ``gone env:NAME`` (a variable that gave no word).
    ``created`` are absolute paths
    that this command line made before this point (``mkdir``, ``>``, ``mktemp``); ``written`` the content of the
    files among them, where known.
    """

    argv: tuple[Value, ...]
    span: Span
    trail: tuple[Step, ...]
    env: Mapping[str, Value | None]
    cwd: Value
    stdin: Value | None = None
    redirections: tuple[Redirection, ...] = ()
    place: str = ""
    tags: frozenset[str] = NOTHING
    created: frozenset[str] = NOTHING
    written: Mapping[str, Value] = field(default_factory=dict)

    @property
    def name(self) -> str | None:
        """The basename of the program, or None where it is not known; its directory need not be (``"$BIN/psql"``)."""
        word = self.argv[0] if self.argv else None
        known = word.known if word is not None else None
        if known is not None:
            return known.rsplit("/", 1)[-1]
        last = word.pieces[-1] if word is not None else None
        return last.rsplit("/", 1)[-1] or None if isinstance(last, str) and "/" in last else None


# ------------------------------------------------------------------- what an adapter may say (its effects)


@dataclass(frozen=True, slots=True)
class InnerCommand:
    """The program starts another program: ``sudo rm x`` → ``rm x``.

    ``step`` labels the trail. ``env`` is laid over the invocation's; ``clear_env`` drops everything first.
    ``cwd`` and ``stdin`` replace the invocation's where given; ``place`` likewise.
    """

    argv: tuple[Value, ...]
    step: str
    env: Mapping[str, Value | None] = field(default_factory=dict)
    clear_env: bool = False
    cwd: Value | None = None
    stdin: Value | None = None
    place: str | None = None
    tags: frozenset[str] = NOTHING


@dataclass(frozen=True, slots=True)
class InnerScript:
    """The program reads shell text: ``bash -c TEXT``, ``find -exec sh -c``, ``ssh host TEXT``.

    ``arguments`` are ``$0``, ``$1`` … of that text. ``exports`` false: the text does not see the variables of this
    command line (another machine, ``env -i``).
    """

    text: Value
    step: str
    arguments: tuple[Value, ...] = ()
    env: Mapping[str, Value | None] = field(default_factory=dict)
    clear_env: bool = False
    cwd: Value | None = None
    stdin: Value | None = None
    place: str | None = None
    tags: frozenset[str] = NOTHING


@dataclass(frozen=True, slots=True)
class Output:
    """What the program is known to print on standard output (evident programs: echo, printf, cat, base64 -d)."""

    text: Value


@dataclass(frozen=True, slots=True)
class Written:
    """The program makes a file or directory that later commands may use. ``path`` is absolute.

    ``content`` is None for a directory, or where nothing is known of it.
    """

    path: Value
    content: Value | None
    append: bool = False


Effect = Operation | InnerCommand | InnerScript | Output | Written
