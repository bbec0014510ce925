"""Secrets that an operation reads, shows, sends or uses.

The driver asks about every operation, so what has nothing to do with secrets must be told at a glance.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from agentguard import regex
from agentguard.interpret.invocation import Effect, Invocation
from agentguard.interpret.values import Unknown, Value, literal
from agentguard.operations import (
    CredentialRead,
    CredentialUse,
    FileDelete,
    FileOverwrite,
    FileRead,
    HttpRequest,
    Opaque,
    Operation,
    ProgramCall,
)
from agentguard.programs import secret_names as names
from agentguard.programs import secrets_told
from agentguard.programs.contract import absolute
from agentguard.programs.publishing import published
from agentguard.programs.secret_searches import SEARCHING, hunts
from agentguard.programs.secret_words import (
    DUMPED,
    DUMPS,
    ECHOES,
    GREPS,
    PLAIN,
    SENDING,
    SHOWING,
    UPLOADING,
    names_only,
    normal,
    pattern,
    secret_files,
    sort,
    variables,
    wanted,
    words,
)
from agentguard.world.environments import LOCAL, classify
from agentguard.world.protocol import World

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

#: where a cloud hands out the credentials of the machine
_METADATA: Final = frozenset(
    (
        "169.254.169.254",
        "metadata.google.internal",
        "169.254.170.2",
        "100.100.100.200",
        "fd00:ec2::254",
        "[fd00:ec2::254]",
    )
)
#: the paths there that give credentials, identity tokens, or the start scripts in which people put them
_METADATA_SECRETS: Final = regex.compile(
    r"(?i)credential|identity(?!-document|/document)|/token\b(?<!/api/token)|user-?_?data|attributes|startup-script"
    r"|custom-?data|metadata/v1\.json|/openstack/[\w-]+/(?:vendor_data|password)"
)
#: open the file they are given as a database and show what is in it
_OPENING: Final = frozenset(("sqlite3", "duckdb"))


def secrets(operation: Operation, invocation: Invocation, world: World) -> Iterable[Operation]:
    """The secrets that an operation brings into play."""
    match operation:
        case FileRead():
            return _read(operation, invocation, world)
        case ProgramCall():
            return _call(operation, invocation, world)
        case HttpRequest():
            return _request(operation, world)
    return ()


# ---------------------------------------------------------------------------------------------- files


def _read(operation: FileRead, invocation: Invocation, world: World) -> Iterator[Operation]:
    text = normal(names.rendered(operation.path))
    if _named_elsewhere(operation.path) and invocation.name in SHOWING:
        yield Opaque("which file is shown is written in another file that is not known yet")
    if not text:
        return
    yield from _copied(text, invocation, world)
    if text in invocation.created:
        return
    kind = sort(text, world)
    if not kind:
        return
    name = invocation.name or ""
    if name in ("find", "fd", "fdfind", "ls") or (name in ("sed", "gsed") and _in_place(invocation)):
        return
    if kind == "other" and not invocation.place:
        if name in ("cp", "mv", "install") and _same_directory(invocation):
            return
        yield CredentialRead(text, "send" if _leaves(invocation) else "read")
    elif kind == "own" and _leaves(invocation):
        yield CredentialRead(text, "send")
    elif name in SHOWING and "captured" not in invocation.tags and not names_only(invocation):
        yield CredentialRead(text, "print")


def _copied(text: str, invocation: Invocation, world: World) -> Iterator[Operation]:
    """A file that this command line filled from one with secrets: ``cp .env x; cat x``."""
    content = invocation.written.get(text)
    if content is None or not content.sources or sort(text, world):
        return
    if _leaves(invocation):
        yield from (CredentialRead(source, "send") for source in sorted(secret_files((content,), world)))
    elif invocation.name in SHOWING and "captured" not in invocation.tags and not names_only(invocation):
        yield from (CredentialRead(source, "print") for source in sorted(secret_files((content,), world)))


def _named_elsewhere(path: Value) -> bool:
    """``cat "$(cat .keypath)"``: the name comes from the content of a file that cannot be read now."""
    first = path.pieces[0] if path.pieces else ""
    return isinstance(first, Unknown) and any(source.startswith("file:") for source in path.sources)


def _in_place(invocation: Invocation) -> bool:
    return any(word.prefix.startswith(("-i", "--in-place")) for word in invocation.argv[1:])


def _same_directory(invocation: Invocation) -> bool:
    """A backup beside the original: ``cp ~/.kube/config ~/.kube/config.bak``."""
    words = [names.rendered(absolute(w, invocation)) for w in invocation.argv[1:] if not w.prefix.startswith("-")]
    return len(words) > 1 and len({word.rstrip("/").rpartition("/")[0] for word in words}) == 1


def _leaves(invocation: Invocation) -> bool:
    """Whether the program carries files to another machine."""
    name = invocation.name or ""
    if _connected(invocation):
        return True
    if name not in ("scp", "rsync", "sftp"):
        return False
    return any(re.match(r"(?!/|\.)[^/:]+:", word.prefix) or "://" in word.prefix for word in invocation.argv[1:])


def _connected(invocation: Invocation) -> bool:
    """Whether standard output goes into a connection that the shell opens: ``> /dev/tcp/HOST/PORT``."""
    return any(
        item.operator.startswith((">", "&>", "<>")) and item.target.prefix.startswith(("/dev/tcp/", "/dev/udp/"))
        for item in invocation.redirections
    )


# -------------------------------------------------------------------------------------------- programs


def _call(call: ProgramCall, invocation: Invocation, world: World) -> Iterator[Operation]:
    name = call.program
    if name in SEARCHING:
        yield from hunts(call, invocation, world)
    if name in DUMPS:
        yield from _dump(call, invocation)
    stdin = invocation.stdin
    if stdin is not None and stdin.sources and (name in SHOWING or name in SENDING):
        yield from _piped(call, invocation, stdin, world)
    if name in _OPENING and call.operands:
        yield from _read(FileRead(absolute(_database(call.operands[0]), invocation)), invocation, world)
    yield from published(call, invocation, world)
    if name in ECHOES and "captured" not in invocation.tags:
        yield from (CredentialRead(f"variable {each}", "print") for each in variables(words(invocation)))
        yield from (CredentialRead(f"what {each} gave", "print") for each in secrets_told.tools(words(invocation)))
        for source in sorted(secret_files(call.operands, world)):
            yield CredentialRead(source, "print")
    elif name == "openssl" and call.subcommand[:1] in (("enc",), ("base64",)) and (path := call.value("-in")):
        where = names.rendered(absolute(path, invocation))
        if sort(where, world) and not call.has("-out") and "captured" not in invocation.tags:
            yield CredentialRead(where, "print")
    elif name in SENDING or (name == "aws" and call.subcommand[:1] == ("s3",)):
        yield from _sent(call, invocation, world)
    elif name == "git" and call.subcommand == ("push",):
        for word in call.operands[:1]:
            if "@" in (word.known or "") and not word.sources and names.ANY_TOKEN.search(word.known or ""):
                host = (word.known or "").rpartition("@")[2].partition("/")[0]
                yield CredentialUse(host, names.fingerprint(word.known or ""), "literal")
    elif name == "git" and call.subcommand[:1] == ("add",) and call.has("-f", "--force"):
        for operand in call.operands:
            if sort(names.rendered(absolute(operand, invocation)), world):
                yield CredentialRead(str(operand), "commit")


def _database(word: Value) -> Value:
    """The file of a database, also as ``file:PATH?mode=ro``."""
    known = word.known
    if known is None or not known.startswith("file:"):
        return word
    return Value((known[5:].partition("?")[0],), word.sources)


def _sent(call: ProgramCall, invocation: Invocation, world: World) -> Iterator[Operation]:
    """The operands of a program that carries them away: text from secret files, and the files themselves."""
    for source in sorted(secret_files(call.operands, world)):
        yield CredentialRead(source, "send")
    for operand in call.operands[: -1 if len(call.operands) > 1 else None] if call.program in UPLOADING else ():
        path = names.rendered(absolute(operand, invocation))
        if ":" not in operand.prefix and sort(path, world):
            yield CredentialRead(path, "send")


def _dump(call: ProgramCall, invocation: Invocation) -> Iterator[Operation]:
    """env, printenv, set, export -p and declare -p without anything to do print every variable."""
    if "captured" in invocation.tags or ("piped" in invocation.tags and call.program == "set"):
        return
    name, operands = call.program, call.operands
    if name == "printenv" or (name in ("declare", "typeset", "export") and call.has("-p")):
        secret = [operand for operand in operands if names.variable(str(operand))]
        if secret:
            yield CredentialRead(f"variable {secret[0]}", "print")
        elif not operands:
            yield CredentialRead("the whole environment", "print")
    elif not operands and not call.has("-i", "--ignore-environment", "-f", "-F", "--version"):
        quiet = name in ("declare", "typeset") and call.options and not call.has("-x", "-p")
        if not quiet and len(invocation.argv) <= (1 if name == "set" else 2):
            yield CredentialRead("the whole environment", "print")


def _piped(call: ProgramCall, invocation: Invocation, stdin: Value, world: World) -> Iterator[Operation]:
    """What comes in on standard input is shown or sent on."""
    sending = call.program in SENDING or _connected(invocation)
    if not sending and ("captured" in invocation.tags or names_only(invocation)):
        return
    how = "send" if sending else "print"
    files = secret_files((stdin,), world)
    if sending and call.program == "ssh":
        files = {path for path in files if not path.endswith(".pub")}
    for source in sorted(files):
        yield CredentialRead(source, how)
    if not sending and (call.program not in GREPS or _shows_values(call)):
        yield from (CredentialRead(f"what {each} gave", how) for each in secrets_told.tools((stdin,)))
    if not DUMPED.isdisjoint(stdin.sources) and _shows_values(call):
        yield CredentialRead("the whole environment", how)
    elif sending or call.program in PLAIN:
        for each in variables((stdin,)):
            yield CredentialRead(f"variable {each}", how)
    if "cmd:history" in stdin.sources and call.program in GREPS and wanted(call):
        yield CredentialRead("the command history", "hunt")


def _shows_values(call: ProgramCall) -> bool:
    """Of the environment: a search shows what it searches for, the others show all."""
    if call.program in GREPS:
        sought = wanted(call) or names.HUNTED_VARIABLE.search(pattern(call)) is not None
        return sought and not call.has("-v", "--invert-match", "-c", "--count", "-q", "--quiet")
    return call.program not in ("cut", "awk", "gawk", "xargs", "sed") or call.program in SENDING


# ------------------------------------------------------------------------------------------- requests


def _request(request: HttpRequest, world: World) -> Iterator[Operation]:
    host = request.host.known
    if host is not None and host in _METADATA and _metadata_secret(request):
        yield CredentialRead(f"the cloud's metadata service at {host}", "read")
    if host is not None and classify("hosts", host, world.settings) == LOCAL:
        return
    sent = [
        value
        for value in (request.body, request.upload, request.query, request.path, request.host)
        if value is not None
    ]
    for source in sorted(secret_files(sent, world)):
        yield CredentialRead(source, "send")
    if any(not DUMPED.isdisjoint(value.sources) for value in sent):
        yield CredentialRead("the whole environment", "send")
    for each in variables(sent):
        if not _at_home(each, host):
            yield CredentialRead(f"variable {each}", "send")
    for _, value in request.headers:
        yield from _credential(value, host, world)


def _metadata_secret(request: HttpRequest) -> bool:
    """Whether a metadata service is asked for more than facts about the machine (its id, its zone)."""
    path = request.path.known
    return path is None or bool(_METADATA_SECRETS.search(path) or "recursive=true" in request.query.prefix.lower())


def _credential(value: Value, host: str | None, world: World) -> Iterator[Operation]:
    """A header: a token from a file of another project, a variable of another provider, or a literal one."""
    where = host or "an unknown host"
    for source in sorted(value.sources):
        if source.startswith("file:") and _foreign(source[5:], world):
            yield CredentialUse(where, "from another place", source[5:])
        elif source.startswith("env:") and names.variable(source[4:]) and not _at_home(source[4:], host):
            yield CredentialRead(f"variable {source[4:]}", "send")
    known = value.known
    if known is not None and not value.sources and names.ANY_TOKEN.search(known):
        yield CredentialUse(where, names.fingerprint(known), "literal")


def _foreign(path: str, world: World) -> bool:
    """A file that belongs neither to the project nor to scratch space."""
    home, project = world.home.rstrip("/"), world.project()
    return names.searched(normal(path), home, project) and not path.startswith("/dev/")


def _at_home(variable: str, host: str | None) -> bool:
    """Whether a variable named after a provider goes to that provider; other variables may go anywhere."""
    for prefix, parts in names.PROVIDERS.items():
        if variable.upper().startswith(prefix + "_"):
            return host is None or any(part in host for part in parts)
    return True


# -------------------------------------------------------------------------------------------- adapters


def ssh_keygen(call: ProgramCall, invocation: Invocation, world: World) -> Iterator[Effect]:
    """A new key over an existing one; a yes given beforehand says that there is one."""
    if call.has("-y", "-l", "-R", "-F", "-B", "-E", "-e", "-p", "-c", "-L", "-Y", "-H", "-r"):
        return
    file = call.value("-f")
    kind = str(call.value("-t") or "ed25519")
    path = absolute(file, invocation) if file is not None else literal(f"{world.home.rstrip('/')}/.ssh/id_{kind}")
    known = path.known
    if known is None or known in invocation.created or known == "/dev/null":
        return
    if world.kind(known) != "missing":
        yield FileOverwrite(path)
    elif invocation.stdin is not None and re.match(r"y(?:es)?\s", invocation.stdin.prefix.lower()):
        yield FileDelete(path, False)
