"""What the readers of secrets share: which programs show, copy, search or send, and where text came from."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable

from agentguard import regex
from agentguard.interpret.invocation import Invocation
from agentguard.interpret.values import Value
from agentguard.operations import ProgramCall
from agentguard.programs import secret_names as names
from agentguard.programs.secrets_told import PREFIX, asks_no_value
from agentguard.world.protocol import World

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

#: show what they are given on standard input or in files
SHOWING: Final = frozenset(
    (
        *("cat", "tac", "less", "more", "head", "tail", "sort", "uniq", "grep", "egrep", "fgrep", "rg", "sed", "awk"),
        *("cut", "tr", "column", "nl", "tee", "jq", "yq", "base64", "base32", "xxd", "od", "hexdump", "strings", "rev"),
        *("fold", "fmt", "paste", "pr", "bat", "batcat", "xargs", "gawk", "ag", "ack", "view", "most", "diff"),
        *("perl", "ruby"),
    )
)
#: show all of their input, at most in another spelling
PLAIN: Final = frozenset(("cat", "tac", "base64", "base32", "xxd", "od", "hexdump", "rev", "tr", "tee", "head", "tail"))
GREPS: Final = frozenset(("grep", "egrep", "fgrep", "rg", "ag", "ack", "zgrep", "ugrep", "git-grep"))
ECHOES: Final = frozenset(("echo", "printf", "print", "say", "wall", "write", "logger", "notify-send"))
DUMPS: Final = frozenset(("env", "printenv", "export", "declare", "typeset", "set", "readonly"))
DUMPED: Final = frozenset(("env:*", *(f"cmd:{name}" for name in DUMPS)))
#: carry the files they are given to another machine
UPLOADING: Final = frozenset(
    ("rclone", "aws", "gsutil", "s3cmd", "s5cmd", "mc", "azcopy", "b2", "sftp", "ffsend", "croc")
)
#: carry their operands or standard input to another machine
SENDING: Final = UPLOADING.difference(("aws",)).union(
    ("nc", "ncat", "netcat", "socat", "telnet", "ftp", "lftp", "scp", "rsync", "magic-wormhole", "wormhole"),
    ("transfer", "mail", "mailx", "sendmail", "mutt", "dig", "nslookup", "host", "ping", "ssh", "openssl"),
    ("websocat", "pastebinit", "termbin", "gist"),
)


def normal(path: str) -> str:
    """An absolute path without ``..`` and doubled slashes."""
    return posixpath.normpath(path) if path.startswith("/") else path


def sort(path: str, world: World) -> str:
    """What kind of secret a file is (see ``secret_names.sort``)."""
    return names.sort(normal(path), world.home.rstrip("/"), world.project())


def words(invocation: Invocation) -> tuple[Value, ...]:
    """The words of a command, and what gave no word."""
    gone = frozenset(tag[5:] for tag in invocation.tags if tag.startswith("gone "))
    return (*invocation.argv[1:], Value((), gone)) if gone else invocation.argv[1:]


def variables(values: Iterable[Value]) -> list[str]:
    """The secret variables of the environment whose values are in these words."""
    found = {source[4:] for value in values for source in value.sources if source.startswith("env:")}
    shown = {source for value in values if not _tested(value) for source in value.sources}
    return sorted(name for name in found if names.variable(name) and f"env:{name}" in shown)


def _tested(value: Value) -> bool:
    """``${TOKEN:+set}``: a literal that only depends on the variable."""
    return value.known in ("set", "yes", "ok", "present", "defined", "x", "1", "0", "true", "***", "<set>", "[set]")


def secret_files(values: Iterable[Value], world: World) -> set[str]:
    sources = {source[5:] for value in values for source in value.sources if source.startswith("file:")}
    return {source for source in sources if sort(source, world)}


#: ``grep -o`` of this shows the beginning of a line up to the equals sign
_NAME_PATTERN: Final = regex.compile(
    r"\^\(?(?:export\s+)?(?:(?:\[\^?[\w-]+\]|\[\^=\]|\\w|[A-Za-z_]+)\\?[*+]?)+\)?(?:=|\(\?==\))?"
)
_SUBSTITUTED: Final = regex.compile(r"(?:^|;)\s*s(.)\\?\(?=\\?\)?\.[*+]\$?\1(?!.*(?:&|\\[2-9]))")


def names_only(invocation: Invocation) -> bool:
    """``grep -q``, ``cut -d= -f1``, ``sed 's/=.*//'``: what is shown holds no values."""
    name, given = invocation.name or "", [str(word) for word in invocation.argv[1:]]
    text = " ".join(given)
    if name in GREPS:
        flags = [word for word in given if re.fullmatch(r"-\w+", word)]
        listing = any(re.search("[qclL]", word) for word in flags) or any(
            re.fullmatch(r"--(?:quiet|silent|count|files-with-matches|files-without-match)", word) for word in given
        )
        only = any("o" in word for word in flags) or "--only-matching" in given
        return listing or (only and any(_NAME_PATTERN.fullmatch(word) for word in given))
    if name == "cut":
        separated = re.search(r"(?:^|\s)(?:-\w*d\s?|--delimiter[ =])=(?=\s|$)", text)
        return separated is not None and re.search(r"(?:^|\s)(?:-\w*f\s?|--fields[ =])1(?=\s|$)", text) is not None
    if name in ("sed", "gsed"):
        return any(_SUBSTITUTED.search(word) for word in given)
    if name in ("awk", "gawk"):
        split = re.search(r"(?:^|\s)-F\s?(?:=|\[=\])(?=\s|$)", text) is not None
        return split and any("print $1" in word and not re.search(r"\$(?:[02-9]|NF)", word) for word in given)
    if name in ("jq", "yq"):
        return asks_no_value(given)
    return name in ("wc", "md5sum", "sha256sum", "sha1sum", "cksum", "stat", "file", "comm", "test")


def without_values(text: Value, world: World) -> Value:
    """What a program printed that shows only names: it no longer comes from a secret."""
    hidden = {
        source
        for source in text.sources
        if source in DUMPED
        or source.startswith(PREFIX)
        or (source.startswith("file:") and sort(source[5:], world))
        or (source.startswith("env:") and names.variable(source[4:]))
    }
    return Value(text.pieces, text.sources - hidden) if hidden else text


def pattern(call: ProgramCall) -> str:
    given = call.values("-e", "--regexp")
    return "\n".join(map(str, given)) if given else str(call.operands[0]) if call.operands else ""


def wanted(call: ProgramCall) -> bool:
    return names.HUNTED.search(pattern(call)) is not None
