"""Programs and sub-commands that publish what they are given: a file, a text, or standard input."""

from __future__ import annotations

import re
from collections.abc import Iterator

from agentguard.interpret.invocation import Invocation
from agentguard.interpret.values import Value
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
    "gcloud": tuple(f"{track}storage {verb}" for track in ("", "alpha ", "beta ") for verb in ("cp", "rsync")),
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
_TEXT: Final = frozenset(
    (
        *("--title", "--body", "--message", "--notes", "--note", "--desc", "--description", "--label", "--labels"),
        *("--subject", "--comment", "--repo", "--branch", "--head", "--base", "--name", "--filename"),
        *("-t", "-b", "-m", "-n", "-l", "-d", "-R", "-B", "-H", "-N"),
    )
)


def published(call: ProgramCall, invocation: Invocation, world: World) -> Iterator[Operation]:
    """The secrets that become readable for others."""
    what = _subcommand(call, invocation)
    if what is None:
        return
    values = [(option.name, option.value) for option in call.options if option.value is not None]
    texts = [*call.operands, *(value for _, value in values)]
    stdin = invocation.stdin
    if stdin is not None and (any(text.known == "-" for text in texts) or what in _FROM_INPUT):
        texts.append(stdin)
    found = secret_files(texts, world)
    for word in (*call.operands, *(value for name, value in values if name not in _TEXT)):
        path = names.rendered(absolute(_path(word), invocation))
        if sort(path, world):
            found.add(path)
    for source in sorted(found):
        yield CredentialRead(source, "send")
    if any(not DUMPED.isdisjoint(text.sources) for text in texts):
        yield CredentialRead("the whole environment", "send")
    for each in variables(texts):
        yield CredentialRead(f"variable {each}", "send")


def _subcommand(call: ProgramCall, invocation: Invocation) -> str | None:
    """Which publishing sub-command this is."""
    known = _PUBLISHES.get(invocation.name or "", _PUBLISHES.get(call.program, ()))
    if not known:
        return None
    words = call.words()
    return next((what for what in known if words[: len(parts := what.split())] == tuple(parts)), None)


def _path(word: Value) -> Value:
    """The file in ``FILE``, ``@FILE``, ``name=@FILE`` and ``FILE#label``."""
    match = re.match(r"\w+=@|@", word.prefix)
    path = cut(word, match.end()) if match else word
    known = path.known
    return Value((known.partition("#")[0],)) if known and "#" in known and not known.startswith("#") else path
