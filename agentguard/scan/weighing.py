"""How much a finding matters in a file that a person reads along; None where it is none there."""

from __future__ import annotations

from collections.abc import Callable

from agentguard import regex
from agentguard.interpret.values import EMPTY, Truth
from agentguard.operations import (
    FileDelete,
    FileMove,
    FileOverwrite,
    Operation,
    PermissionChange,
    ProgramCall,
    SqlStatement,
)
from agentguard.programs.unlisted import GUESSED
from agentguard.rulebook.model import Finding, Severity
from agentguard.scan.in_scripts import severity
from agentguard.world.environments import LOCAL, PRODUCTION
from agentguard.world.path_names import SYSTEM_TOPS

_FILES = FileDelete | FileOverwrite | FileMove | PermissionChange
Described = Callable[[str], bool]

#: What lies below ``/dev`` and is no storage: logs, timers, links and sockets that programs put there.
_NO_STORAGE = regex.compile(r"/dev/(?:watchdog\d*|kmsg|log|rtc\d*|\..*|(?:input|snd|dri|net|bus)/.*)")
#: What the next start of the machine makes anew.
_VOLATILE = regex.compile(r"/(?:var/)?run/+[^/*?.].*")
#: Directories of the system that many programs share.
_SHARED = regex.compile(r"usr/[^/]+|var/(?:lib|log|spool|cache|mail)")
_HOME = regex.compile(r"home/[^/]+")
#: Modes that let others write, as a number and in letters.
_NUMBER = regex.compile(r"[0-7]{2,3}[2367]")
_LETTERS = regex.compile(r"(?:.*,)?[ugoa]*[oa][ugoa]*[+=][rxXst]*w.*")
#: Files of formats whose commands run on a machine that is made for one job.
_JOBS = frozenset(("workflow", "gitlab"))
#: A name without a domain: that of a container beside the job.
_BARE = regex.compile(r"(?!localhost$)[A-Za-z][\w-]*")
#: What a package puts into the directory of another program, and finds again in itself: no data and no settings.
_DROP_IN = regex.compile(r"/etc/(?!pam\.d/)(?:[^/*?]+/)*[^/*?]+\.d/+[^/]*\w[^/]*/*")
#: The files of one program, which installing it again brings back: what stands there is no data.
_INSTALLED = regex.compile(
    r"/usr/(?:s?bin/[A-Za-z][\w.-]{2,}[*]?"
    r"|(?:share|lib(?:32|64|exec)?)/(?:python[\d.]+/(?:site|dist)-packages|pyshared|doc|man|info|locale|icons"
    r"|applications|bash-completion|zsh|fish|licenses)/.*\w.*)"
)
_IMAGE = regex.compile(r"\.(?:img|image|raw|iso|qcow2?|vmdk|vhdx?|ext[234]|fat|squashfs)$")
_PLAIN = regex.compile(r"(?!\d+[kKmMgGs]?$)[^=]+")
_NAME = regex.compile(r"\w[\w.+-]*")
#: Names behind one that make a list of them out of what could be a command.
_LIST = 2


def weight(finding: Finding, kind: str, described: Described) -> Severity | None:
    """The severity of a finding in a file of a kind. ``described`` tells which names are known programs."""
    found = severity(finding.rule, kind, finding.severity)
    if found is None or found is Severity.LOW or finding.decision != "ask":
        return None
    # from words only known when it runs: a question for then; a reviewer hears of the worst
    if finding.certainty is Truth.MAYBE and (found < Severity.CRITICAL or isinstance(finding.operation, _FILES)):
        return None
    if finding.certainty is Truth.MAYBE and finding.rule.startswith("git.push-") and not _branch(finding.operation):
        return None
    if kind in _JOBS and _beside(finding):
        return None
    if GUESSED in finding.invocation.tags and _names(finding, described):
        return None
    operation = finding.operation
    if finding.certainty is Truth.MAYBE and isinstance(operation, ProgramCall):
        words = [word.known for word in operation.operands]
        if finding.rule == "disks.parted" and "print" in words:
            return None
        if finding.rule == "disks.format" and _image(operation):
            return None
    if finding.rule == "files.device" and (finding.invocation.name == "ln" or _NO_STORAGE.fullmatch(finding.target)):
        return None
    if isinstance(operation, FileDelete):
        if not operation.path.prefix:
            return None  # the rule on unguarded variables looks at these
        if finding.rule == "files.delete-system":
            comes_back = any(path.fullmatch(finding.target) for path in (_VOLATILE, _DROP_IN, _INSTALLED))
            return None if comes_back else _of_the_system(finding, found)
    if isinstance(operation, PermissionChange) and finding.rule == "files.chmod-wide":
        return found if _wide(finding, operation) else None
    return found


def _image(call: ProgramCall) -> bool:
    """Whether a file system is made in a file: a word that is no option, number or device, or the name of an image."""
    return any(
        _IMAGE.search(str(word))
        or (word.known and not word.prefix.startswith("/dev/") and _PLAIN.fullmatch(word.known))
        for word in call.operands
    )


def _branch(operation: Operation) -> str:
    """The branch that the last word of a push names, "" where only running would tell."""
    word = operation.operands[-1] if isinstance(operation, ProgramCall) and operation.operands else EMPTY
    last = word.pieces[-1] if word.pieces else ""
    return last.rpartition(":")[2] if isinstance(last, str) and (word.known is not None or ":" in last) else ""


def _beside(finding: Finding) -> bool:
    """Whether a database lies on the machine of a job, or in a container that was started for it."""
    operation = finding.operation
    return (
        isinstance(operation, SqlStatement)
        and not finding.invocation.place
        and finding.environment != PRODUCTION
        and "…" not in operation.name
        and (finding.environment == LOCAL or _BARE.fullmatch(operation.database.host) is not None)
    )


def _of_the_system(finding: Finding, found: Severity) -> Severity | None:
    """A whole top of the system weighs more than a directory in it; another top is not the system's."""
    top, _, rest = finding.target.strip("/*").partition("/")
    if rest:
        return found
    return finding.severity if top in SYSTEM_TOPS else None


def _wide(finding: Finding, operation: PermissionChange) -> bool:
    """Whether more than one program's directory gets another owner or mode, or one becomes writable for everybody."""
    target = finding.target.strip("/*")
    if _SHARED.fullmatch(target):
        return True
    if "/" not in target and not operation.path.unknown:
        return not target or target in SYSTEM_TOPS or target.startswith("~")
    if finding.invocation.name in ("chown", "chgrp"):
        return False
    if _HOME.fullmatch(target):
        return True
    return _NUMBER.fullmatch(operation.mode) is not None or _LETTERS.fullmatch(operation.mode) is not None


def _names(finding: Finding, described: Described) -> bool:
    """Whether the words are a list of programs (to install, to copy, to look for) and no command."""
    words = [word.known or "" for word in finding.invocation.argv[1:]]
    programs = [word for word in words if _NAME.fullmatch(word) and described(word)]
    return len(programs) >= _LIST and len(programs) * 2 > len(words)
