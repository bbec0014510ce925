"""The vocabulary of what a command does. Rules see these and nothing else.

Paths in operations are absolute wherever the working directory is known. Values may hold unknown pieces; each
matcher decides what that means.
"""

from __future__ import annotations

from agentguard.interpret.values import NOTHING, Truth, Value
from agentguard.light import dataclass


@dataclass(frozen=True, slots=True)
class Option:
    """``name`` is the canonical spelling of the option table (``--force``), ``value`` None for a flag."""

    name: str
    value: Value | None = None


@dataclass(frozen=True, slots=True)
class ProgramCall:
    """A program with its words sorted by its option table. Every invocation with a known name has one.

    ``program`` is the canonical name of the table; ``subcommand`` the path found (``("volume", "delete")``), aliases
    resolved. ``operands`` follow the sub-command. ``after_dashes`` is the index in ``operands`` of the first one
    that stood after ``--``, or None. ``opaque``: some word could turn out to be further options.
    """

    program: str
    subcommand: tuple[str, ...]
    options: tuple[Option, ...]
    operands: tuple[Value, ...]
    after_dashes: int | None = None
    opaque: bool = False

    def words(self) -> tuple[str, ...]:
        """The sub-command and the operands as text, unknown pieces as ``…``."""
        return (*self.subcommand, *map(str, self.operands))

    def has(self, *names: str) -> bool:
        return any(option.name in names for option in self.options)

    def value(self, *names: str) -> Value | None:
        """The value of the last option with one of these names."""
        found = None
        for option in self.options:
            if option.name in names and option.value is not None:
                found = option.value
        return found

    def values(self, *names: str) -> tuple[Value, ...]:
        return tuple(o.value for o in self.options if o.name in names and o.value is not None)


@dataclass(frozen=True, slots=True)
class FileDelete:
    """Removes a file or tree. ``path`` may hold patterns. ``contents_only``: what is inside, not the directory itself.

    ``only``: a pattern on the names removed (``find -name '*.pyc' -delete``), or "" for everything.
    """

    path: Value
    recursive: bool
    only: str = ""
    contents_only: bool = False


@dataclass(frozen=True, slots=True)
class FileOverwrite:
    """Replaces or empties the content of a file. ``append`` adds to its end; ``secure`` wipes it (shred).

    ``replaces``: the old file just goes (emptied, or another file takes its place), where a redirection or an editor
    writes what the author of the new content wants there.
    """

    path: Value
    append: bool = False
    secure: bool = False
    replaces: bool = False


@dataclass(frozen=True, slots=True)
class FileMove:
    source: Value
    target: Value
    no_clobber: bool = False


@dataclass(frozen=True, slots=True)
class PermissionChange:
    """chmod, chown, chattr, setfacl. ``mode`` is the mode, owner or attribute word."""

    path: Value
    mode: str
    recursive: bool


@dataclass(frozen=True, slots=True)
class DeviceWrite:
    """Writes to, formats, partitions or discards a block device or other raw target."""

    device: Value


@dataclass(frozen=True, slots=True)
class FileRead:
    """Reads a file and shows or forwards its content (cat, less, grep PATTERN FILE, cp SOURCE, tar c …).

    ``recursive``: everything below it (grep -r, tar, rsync).
    """

    path: Value
    recursive: bool = False


@dataclass(frozen=True, slots=True)
class HttpRequest:
    """``method`` is upper case, or None where unknown. ``host`` is lower case without port, userinfo and trailing dot.

    ``path`` starts with ``/`` and has no query; it is percent-decoded and dot segments are resolved. ``query`` is
    the raw query text. ``body`` is None where nothing is sent. ``headers`` names are lower case.
    ``credentials`` says whether an Authorization header, cookie, key or userinfo goes with it.
    """

    method: str | None
    host: Value
    port: str
    path: Value
    query: Value
    headers: tuple[tuple[str, Value], ...]
    body: Value | None
    credentials: bool = False
    upload: Value | None = None


@dataclass(frozen=True, slots=True)
class GraphqlOperation:
    """``kind`` is query, mutation, subscription or unknown; ``fields`` the root fields after aliases and fragments.

    ``arguments`` maps ``field.argument`` (dotted into input objects) to its JSON-like text where it is known.
    """

    kind: str
    fields: tuple[str, ...]
    host: Value
    path: Value
    arguments: tuple[tuple[str, str], ...] = ()
    opaque: bool = False


@dataclass(frozen=True, slots=True)
class Database:
    """Where a statement goes. Empty strings are unknown; ``host`` ``localhost`` also stands for a socket or a file."""

    engine: str
    host: str = ""
    port: str = ""
    name: str = ""
    user: str = ""


@dataclass(frozen=True, slots=True)
class SqlStatement:
    """One statement. ``verb`` is upper case (``DROP``, ``DELETE``, ``UNKNOWN``), ``object`` its kind (``TABLE``).

    ``where``: whether rows are limited by a condition that is not always true (None: does not apply).
    ``detail`` holds further facts a rule may name: ``CASCADE``, ``COLUMN``, ``GENERATED``, ``PROGRAM`` …
    ``rolled_back``: inside a transaction that this very input rolls back on a database where that undoes it.
    """

    database: Database
    verb: str
    object: str = ""
    name: str = ""
    where: bool | None = None
    detail: frozenset[str] = NOTHING
    rolled_back: bool = False


@dataclass(frozen=True, slots=True)
class CredentialRead:
    """Shows a stored secret: a key file, a keychain entry, a secret variable, ``gh auth token``.

    ``how`` is read, print, hunt (a search outside the project), commit (into git) or send (it leaves the machine).
    """

    source: str
    how: str


@dataclass(frozen=True, slots=True)
class CredentialUse:
    """A literal or looked-up token used in a command. ``fingerprint`` is redacted (``sk_live_…9f``)."""

    where: str
    fingerprint: str
    source: str = ""


@dataclass(frozen=True, slots=True)
class CodeExecution:
    """Runs code that is not on the command line. ``origin``: network, decoded, input, environment, unknown."""

    origin: str
    interpreter: str


@dataclass(frozen=True, slots=True)
class ProcessBomb:
    """A function that starts itself without end."""

    name: str


@dataclass(frozen=True, slots=True)
class PolicyTamper:
    """Changes, removes or goes round the guard. ``what``: state, config, harness, approve, process, package, bypass."""

    what: str
    target: str = ""


@dataclass(frozen=True, slots=True)
class Opaque:
    """Something runs whose inside cannot be read here. ``risk`` is MAYBE where a person should decide, else NO."""

    why: str
    risk: Truth = Truth.NO


Operation = (
    ProgramCall
    | FileDelete
    | FileOverwrite
    | FileMove
    | FileRead
    | PermissionChange
    | DeviceWrite
    | HttpRequest
    | GraphqlOperation
    | SqlStatement
    | CredentialRead
    | CredentialUse
    | CodeExecution
    | ProcessBomb
    | PolicyTamper
    | Opaque
)
