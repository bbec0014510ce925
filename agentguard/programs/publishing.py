"""Programs and sub-commands that publish what they are given: a file, a text, or standard input."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from agentguard import regex
from agentguard.interpret.invocation import Invocation
from agentguard.interpret.values import EMPTY, Value
from agentguard.operations import CredentialRead, Operation, ProgramCall
from agentguard.programs import secret_names as names
from agentguard.programs.contract import absolute
from agentguard.programs.secret_words import DUMPED, secret_files, sort, variables
from agentguard.programs.streams import cut
from agentguard.world.protocol import World

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

_FORGE: Final = (
    *("gist create", "gist edit", "snippet create", "release create", "release edit", "release upload"),
    *("issue create", "issue comment", "issue edit", "issue note", "issue update", "issue close", "pr close"),
    *("pr create", "pr comment", "pr edit", "pr review", "mr create", "mr note", "mr update", "issues create"),
)
#: program → the sub-commands that publish; "" for the program as a whole
_PUBLISHES: Final[dict[str, tuple[str, ...]]] = {
    **dict.fromkeys(("gh", "glab", "hub", "tea", "berg"), _FORGE),
    "wrangler": ("r2 object put",),
    "gcloud": ("storage cp", "storage rsync"),
    "az": ("storage blob upload", "storage file upload"),
    "vercel": ("blob put",),
    "supabase": ("storage cp",),
    "oci": ("os object put",),
    "ibmcloud": ("cos upload",),
    "linode-cli": ("obj put",),
    "hf": ("upload",),
    "huggingface-cli": ("upload",),
    "ipfs": ("add",),
    "slack": ("file upload", "chat send", "upload", "send"),
    "ntfy": ("publish", "pub", "send"),
    **dict.fromkeys(
        (
            *("gist", "slackcat", "pastebinit", "wgetpaste", "pastebin", "ix", "sprunge", "termbin", "telegram-send"),
            *("apprise", "gdrive", "dropbox_uploader.sh", "hastebin", "haste", "imgur", "transfer"),
        ),
        ("",),
    ),
}
#: take standard input where no file is named
_FROM_INPUT: Final = ("gist create", "snippet create", "")
#: options whose value is text and names no file
_TEXT: Final = regex.compile(
    r"--(?:title|body|message|notes|note|desc|description|label|labels|subject|comment|repo|branch|head|base|name|filename)"
    r"|-[tbmnldRBHN]"
)


def published(call: ProgramCall, invocation: Invocation, world: World) -> Iterator[Operation]:
    """The secrets that become readable for others."""
    what = _subcommand(call, invocation)
    if what is None:
        return
    words = invocation.argv[1:]
    stdin = invocation.stdin
    piped = stdin is not None and (any(word.known == "-" for word in words) or what in _FROM_INPUT)
    texts = (*words, stdin) if piped and stdin is not None else words
    found = secret_files(texts, world)
    for before, word in pairwise((EMPTY, *words)):
        path = names.rendered(absolute(_path(word), invocation))
        if not _TEXT.fullmatch(str(before)) and sort(path, world):
            found.add(path)
    for source in sorted(found):
        yield CredentialRead(source, "send")
    if any(not DUMPED.isdisjoint(text.sources) for text in texts):
        yield CredentialRead("the whole environment", "send")
    for each in variables(texts):
        yield CredentialRead(f"variable {each}", "send")


def _subcommand(call: ProgramCall, invocation: Invocation) -> str | None:
    """Which publishing sub-command this is; options may stand between the program and it."""
    known = _PUBLISHES.get(invocation.name or "", _PUBLISHES.get(call.program, ()))
    if not known:
        return None
    given = "".join("_".join((word.known or "…").split()) + " " for word in invocation.argv[1:8])
    return next((what for what in known if not what or re.match(rf"(?:-\S+ (?:[^\s-]\S* )??)*{what} ", given)), None)


def _path(word: Value) -> Value:
    """The file in ``FILE``, ``--body-file=FILE``, ``name=@FILE`` and ``FILE#label``."""
    match = re.match(r"--?[\w-]+=@?|\w+=@|@", word.prefix)
    path = cut(word, match.end()) if match else word
    known = path.known
    return Value((known.partition("#")[0],)) if known and "#" in known and not known.startswith("#") else path
