"""Secrets that an operation reads, shows, sends or uses.

The driver asks about every operation, so what has nothing to do with secrets must be told at a glance.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import Final

from agentguard.interpret.invocation import Effect, Invocation
from agentguard.interpret.values import Value, literal
from agentguard.operations import (
    CredentialRead,
    CredentialUse,
    FileOverwrite,
    FileRead,
    HttpRequest,
    Operation,
    ProgramCall,
)
from agentguard.programs import secret_names as names
from agentguard.programs.contract import absolute
from agentguard.world.environments import LOCAL, classify
from agentguard.world.protocol import World

#: show what they are given on standard input or in files
_SHOWING: Final = frozenset(
    (
        *("cat", "tac", "less", "more", "head", "tail", "sort", "uniq", "grep", "egrep", "fgrep", "rg", "sed", "awk"),
        *("cut", "tr", "column", "nl", "tee", "jq", "yq", "base64", "base32", "xxd", "od", "hexdump", "strings", "rev"),
        *("fold", "fmt", "paste", "pr", "bat", "batcat", "xargs", "gawk", "ag", "ack", "view", "most", "diff"),
    )
)
#: show all of their input, at most in another spelling
_PLAIN: Final = frozenset(
    ("cat", "tac", "base64", "base32", "xxd", "od", "hexdump", "rev", "tr", "tee", "head", "tail")
)
#: copy or pack without showing anything
_COPYING: Final = frozenset(("cp", "mv", "install", "ln", "rsync", "tar", "zip", "7z", "dd", "find", "fd", "scp"))
_GREPS: Final = frozenset(("grep", "egrep", "fgrep", "rg", "ag", "ack", "zgrep", "ugrep", "git-grep"))
_FINDS: Final = frozenset(("find", "fd", "fdfind", "locate", "plocate", "mlocate", "mdfind"))
_ECHOES: Final = frozenset(("echo", "printf", "print", "say", "wall", "write", "logger", "notify-send"))
_DUMPS: Final = frozenset(("env", "printenv", "export", "declare", "typeset", "set", "readonly"))
_DUMPED: Final = frozenset(("env:*", *(f"cmd:{name}" for name in _DUMPS)))
#: carry their operands or standard input to another machine
_SENDING: Final = frozenset(
    (
        *(
            "nc",
            "ncat",
            "netcat",
            "socat",
            "telnet",
            "ftp",
            "lftp",
            "sftp",
            "scp",
            "rsync",
            "rclone",
            "s3cmd",
            "gsutil",
        ),
        *(
            "s5cmd",
            "mc",
            "azcopy",
            "croc",
            "magic-wormhole",
            "wormhole",
            "transfer",
            "mail",
            "mailx",
            "sendmail",
            "mutt",
        ),
        *(
            "dig",
            "nslookup",
            "host",
            "ping",
            "ssh",
            "openssl",
            "websocat",
            "pastebinit",
            "termbin",
            "gist",
            "b2",
            "ffsend",
        ),
    )
)
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


def secrets(operation: Operation, invocation: Invocation, world: World) -> Iterable[Operation]:
    """The secrets that an operation brings into play."""
    match operation:
        case FileRead():
            return _read(operation, invocation, world)
        case ProgramCall():
            return _call(operation, invocation, world)
        case HttpRequest():
            return _request(operation, invocation, world)
    return ()


# ---------------------------------------------------------------------------------------------- files


def _sort(path: str, world: World) -> str:
    return names.sort(_normal(path), world.home.rstrip("/"), world.project())


def _read(operation: FileRead, invocation: Invocation, world: World) -> Iterator[Operation]:
    text = _normal(names.rendered(operation.path))
    if not text or text in invocation.created:
        return
    sort = _sort(text, world)
    if not sort:
        return
    name = invocation.name or ""
    if name in ("find", "fd", "fdfind", "ls") or (name in ("sed", "gsed") and _in_place(invocation)):
        return
    if sort == "other" and not invocation.place:
        if name in ("cp", "mv", "install") and _same_directory(invocation, world):
            return
        yield CredentialRead(text, "send" if _leaves(invocation) else "read")
    elif sort == "own" and _leaves(invocation):
        yield CredentialRead(text, "send")
    elif name in _COPYING or "captured" in invocation.tags or not name or _names_only(invocation):
        return
    elif name not in _SHOWING and any(r.operator == "<" for r in invocation.redirections):
        return  # some program's input
    else:
        yield CredentialRead(text, "print")


def _in_place(invocation: Invocation) -> bool:
    return any(word.prefix.startswith(("-i", "--in-place")) for word in invocation.argv[1:])


def _same_directory(invocation: Invocation, world: World) -> bool:
    """A backup beside the original: ``cp ~/.kube/config ~/.kube/config.bak``."""
    words = [names.rendered(absolute(w, invocation)) for w in invocation.argv[1:] if not w.prefix.startswith("-")]
    return len(words) > 1 and len({word.rstrip("/").rpartition("/")[0] for word in words}) == 1


def _leaves(invocation: Invocation) -> bool:
    """Whether the program carries files to another machine."""
    name = invocation.name or ""
    if name not in ("scp", "rsync", "sftp"):
        return False
    return any(re.match(r"(?!/|\.)[^/:]+:", word.prefix) or "://" in word.prefix for word in invocation.argv[1:])


def _names_only(invocation: Invocation) -> bool:
    """``grep -q``, ``cut -d= -f1``, ``sed 's/=.*//'``: what is shown holds no values."""
    name, words = invocation.name or "", [str(word) for word in invocation.argv[1:]]
    if name in _GREPS:
        return any(
            re.fullmatch(r"-\w*[qclL]\w*|--(?:quiet|silent|count|files-with-matches|files-without-match)", w)
            for w in words
        )
    if name == "cut":
        return any(re.fullmatch(r"-f\s*1", word) for word in (*words, " ".join(words)[-4:].strip()))
    if name in ("sed", "gsed"):
        return any(re.search(r"s(.)=\.\*\1", word) for word in words)
    if name in ("awk", "gawk"):
        return any("print $1" in word and "$2" not in word for word in words) and any("-F" in word for word in words)
    return name in ("wc", "md5sum", "sha256sum", "sha1sum", "cksum", "stat", "file", "comm", "test")


# -------------------------------------------------------------------------------------------- programs


def _call(call: ProgramCall, invocation: Invocation, world: World) -> Iterator[Operation]:
    name = call.program
    if name in _GREPS or name in _FINDS:
        yield from _hunt(call, invocation, world)
    if name in _DUMPS:
        yield from _dump(call, invocation)
    stdin = invocation.stdin
    if stdin is not None and stdin.sources and (name in _SHOWING or name in _SENDING):
        yield from _piped(call, invocation, stdin, world)
    if name in _ECHOES and "captured" not in invocation.tags:
        yield from (CredentialRead(f"variable {each}", "print") for each in _variables(_words(invocation)))
        for source in sorted(_secret_files(call.operands, world)):
            yield CredentialRead(source, "print")
    elif name in _SENDING or (name == "aws" and call.subcommand[:1] == ("s3",)):
        yield from _sent(call, invocation, world)
    elif name == "openssl" and call.subcommand[:1] in (("enc",), ("base64",)) and (path := call.value("-in")):
        yield from _read(FileRead(absolute(path, invocation)), invocation, world)
    elif name == "git" and call.subcommand[:1] == ("add",) and call.has("-f", "--force"):
        for operand in call.operands:
            if _sort(names.rendered(absolute(operand, invocation)), world):
                yield CredentialRead(str(operand), "commit")


def _sent(call: ProgramCall, invocation: Invocation, world: World) -> Iterator[Operation]:
    """The operands of a program that carries them away: text from secret files, and the files themselves."""
    for source in sorted(_secret_files(call.operands, world)):
        yield CredentialRead(source, "send")
    copying = call.program in (
        "rclone",
        "aws",
        "gsutil",
        "s3cmd",
        "s5cmd",
        "mc",
        "azcopy",
        "b2",
        "sftp",
        "ffsend",
        "croc",
    )
    for operand in call.operands[: -1 if len(call.operands) > 1 else None] if copying else ():
        path = names.rendered(absolute(operand, invocation))
        if ":" not in operand.prefix and _sort(path, world):
            yield CredentialRead(path, "send")


def _words(invocation: Invocation) -> tuple[Value, ...]:
    """The words of a command, and what gave no word."""
    gone = frozenset(tag[5:] for tag in invocation.tags if tag.startswith("gone "))
    return (*invocation.argv[1:], Value((), gone)) if gone else invocation.argv[1:]


def _variables(values: Iterable[Value]) -> list[str]:
    """The secret variables of the environment whose values are in these words."""
    found = {source[4:] for value in values for source in value.sources if source.startswith("env:")}
    shown = {source for value in values if not _tested(value) for source in value.sources}
    return sorted(name for name in found if names.variable(name) and f"env:{name}" in shown)


def _tested(value: Value) -> bool:
    """``${TOKEN:+set}``: a literal that only depends on the variable."""
    return value.known in ("set", "yes", "ok", "present", "defined", "x", "1", "0", "true", "***", "<set>", "[set]")


def _secret_files(values: Iterable[Value], world: World) -> set[str]:
    sources = {source[5:] for value in values for source in value.sources if source.startswith("file:")}
    return {source for source in sources if _sort(source, world)}


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
        quiet = name in ("set", "declare", "typeset") and call.options and not call.has("-x", "-p")
        if not quiet and len(invocation.argv) <= 2:
            yield CredentialRead("the whole environment", "print")


def _piped(call: ProgramCall, invocation: Invocation, stdin: Value, world: World) -> Iterator[Operation]:
    """What comes in on standard input is shown or sent on."""
    sending = call.program in _SENDING
    if not sending and ("captured" in invocation.tags or _names_only(invocation)):
        return
    how = "send" if sending else "print"
    files = _secret_files((stdin,), world)
    if sending and call.program == "ssh":
        files = {path for path in files if not path.endswith(".pub")}
    for source in sorted(files):
        yield CredentialRead(source, how)
    if not _DUMPED.isdisjoint(stdin.sources) and _shows_values(call):
        yield CredentialRead("the whole environment", how)
    elif sending or call.program in _PLAIN:
        for each in _variables((stdin,)):
            yield CredentialRead(f"variable {each}", how)
    if "cmd:history" in stdin.sources and call.program in _GREPS and _wanted(call):
        yield CredentialRead("the command history", "hunt")


def _shows_values(call: ProgramCall) -> bool:
    """Of the environment: a search shows what it searches for, the others show all."""
    if call.program in _GREPS:
        wanted = _wanted(call) or names.HUNTED_VARIABLE.search(_pattern(call)) is not None
        return wanted and not call.has("-v", "--invert-match", "-c", "--count", "-q", "--quiet")
    return call.program not in ("cut", "awk", "gawk", "xargs", "sed") or call.program in _SENDING


def _pattern(call: ProgramCall) -> str:
    given = call.values("-e", "--regexp")
    return "\n".join(map(str, given)) if given else str(call.operands[0]) if call.operands else ""


def _wanted(call: ProgramCall) -> bool:
    return names.HUNTED.search(_pattern(call)) is not None


def _hunt(call: ProgramCall, invocation: Invocation, world: World) -> Iterator[Operation]:
    """A search for secrets, or for files that hold them, outside the project."""
    home, project = world.home.rstrip("/"), world.project()
    if call.program in ("locate", "plocate", "mlocate", "mdfind"):
        if any(names.hunted_file(str(operand)) for operand in call.operands):
            yield CredentialRead("the whole machine", "hunt")
        return
    if invocation.place:
        return
    if call.program in _GREPS:
        if not _wanted(call):
            return
        roots = call.operands if call.values("-e", "--regexp") else call.operands[1:]
        if (
            not roots
            and invocation.stdin is None
            and (call.program in ("rg", "ag", "ack") or call.has("-r", "-R", "--recursive"))
        ):
            roots = (invocation.cwd,)
    elif call.program == "find":
        words = [str(word) for word in invocation.argv[1:]]
        start = next((i for i, word in enumerate(words) if word.startswith(("-", "(", "!"))), len(words))
        tests = [
            b
            for a, b in pairwise(words)
            if a in ("-name", "-iname", "-path", "-ipath", "-regex", "-iregex", "-wholename")
        ]
        if not any(map(names.hunted_file, tests)):
            return
        roots = invocation.argv[1 : start + 1] or (invocation.cwd,)
    else:
        words = [str(operand) for operand in call.operands]
        extension = call.value("-e", "--extension")
        wanted = words[:1] + ([f".{extension}"] if extension is not None else [])
        if not any(map(names.hunted_file, wanted)):
            return
        roots = call.operands[1:] or (invocation.cwd,)
    for root in roots:
        path = _normal(names.rendered(absolute(root, invocation)))
        if names.searched(path, home, project) and path not in invocation.created:
            yield CredentialRead(path, "hunt")


def _normal(path: str) -> str:
    return posixpath.normpath(path) if path.startswith("/") else path


# ------------------------------------------------------------------------------------------- requests


def _request(request: HttpRequest, invocation: Invocation, world: World) -> Iterator[Operation]:
    host = request.host.known
    if host is not None and (host in _METADATA):
        yield CredentialRead(f"the cloud's metadata service at {host}", "read")
    if host is not None and classify("hosts", host, world.settings) == LOCAL:
        return
    sent = [
        value
        for value in (request.body, request.upload, request.query, request.path, request.host)
        if value is not None
    ]
    for source in sorted(_secret_files(sent, world)):
        yield CredentialRead(source, "send")
    if any(not _DUMPED.isdisjoint(value.sources) for value in sent):
        yield CredentialRead("the whole environment", "send")
    for each in _variables(sent):
        if not _at_home(each, host):
            yield CredentialRead(f"variable {each}", "send")
    for _, value in request.headers:
        yield from _credential(value, host, world)


def _credential(value: Value, host: str | None, world: World) -> Iterator[Operation]:
    """A header: a token from a file of another project, a variable of another provider, or a literal one."""
    where = host or "an unknown host"
    for source in sorted(value.sources):
        if source.startswith("file:") and _foreign(source[5:], world):
            yield CredentialUse(where, "from another place", source[5:])
        elif source.startswith("env:") and names.variable(source[4:]) and not _at_home(source[4:], host):
            yield CredentialRead(f"variable {source[4:]}", "send")
    known = value.known
    if known is not None and not value.sources and names.TOKEN.search(known):
        yield CredentialUse(where, names.fingerprint(known), "literal")


def _foreign(path: str, world: World) -> bool:
    """A file that belongs neither to the project nor to scratch space."""
    home, project = world.home.rstrip("/"), world.project()
    return names.searched(_normal(path), home, project) and not path.startswith("/dev/")


def _at_home(variable: str, host: str | None) -> bool:
    """Whether a variable named after a provider goes to that provider; other variables may go anywhere."""
    for prefix, words in names.PROVIDERS.items():
        if variable.upper().startswith(prefix + "_"):
            return host is None or any(word in host for word in words)
    return True


# -------------------------------------------------------------------------------------------- adapters


def ssh_keygen(call: ProgramCall, invocation: Invocation, world: World) -> Iterator[Effect]:
    """A new key over an existing one."""
    if call.has("-y", "-l", "-R", "-F", "-B", "-E", "-e", "-p", "-c", "-L", "-Y", "-H", "-r"):
        return
    file = call.value("-f")
    kind = str(call.value("-t") or "ed25519")
    path = absolute(file, invocation) if file is not None else literal(f"{world.home.rstrip('/')}/.ssh/id_{kind}")
    known = path.known
    if known is not None and world.kind(known) != "missing" and known not in invocation.created:
        yield FileOverwrite(path)
