"""Commands whose output is a secret, so that it is still known as one behind a pipe or in a variable.

``gh auth token | docker login --password-stdin`` uses the token, ``gh auth token | cat`` shows it: the output carries
the source ``secret:TOOL``, and whoever shows it is asked about. What is shown right away is the rules' affair.
"""

from __future__ import annotations

from collections.abc import Iterable

from agentguard import regex
from agentguard.interpret.invocation import Invocation
from agentguard.interpret.values import Origin, Value, unknown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

PREFIX: Final = "secret:"

#: program → what its words (joined by spaces) look like when it prints a secret
_TELLING: Final = {
    "gh": r"\bauth token\b|\bauth status .*(?:-t|--show-token)\b",
    "glab": r"\bauth token\b",
    "gcloud": r"\bauth (?:application-default )?print-(?:access|identity)-token\b|\bsecrets versions access\b",
    "az": r"\baccount get-access-token\b|\bkeyvault secret (?:show|download)\b|\bacr credential show\b"
          r"|\bstorage account (?:keys list|show-connection-string)\b|\bcosmosdb keys list\b",
    "aws": r"\bsecretsmanager (?:batch-)?get-secret-value\b|\bssm get-parameter\S* .*--with-decryption\b"
           r"|\becr get-login-password\b|\bsts (?:get-session-token|assume-role)|\bconfigure export-credentials\b"
           r"|\bconfigure get \S*(?:secret|token)|\brds generate-db-auth-token\b",
    "op": r"^(?:\S+ )*read \S|\bitem get .*(?:--reveal|--fields)",
    "vault": r"\bkv get\b|^read (?!sys/|auth/)",
    "bao": r"\bkv get\b|^read (?!sys/|auth/)",
    "heroku": r"^config(?: |$)|^config:get .*(?i:url|key|token|secret|pass|dsn|cred)|^auth:token|^pg:credentials:url",
    "doppler": r"^secrets(?: (?:get|download|-.*)|$)(?!.*--only-names)",
    "railway": r"^variables?(?: -.*|$)(?!.*--set)",
    "pass": r"^(?:show )?[^- ]+/[^ ]+$|^show ",
    "gopass": r"^show ",
    "bw": r"^get (?:password|totp|notes|item)\b",
    "secret-tool": r"^lookup ",
    "security": r"^find-\w+-password .*-[wg]\b",
    "netlify": r"^env:get ",
    "chamber": r"^(?:read|export|env)\b",
}  # fmt: skip
#: what narrows the output to facts about the secret
_ABOUT: Final = regex.compile(
    r"--query[ =]\S*(?:ARN|Name|Version\b|VersionId|Date|expires?On|Expir)|--output[ =]none\b"
)
#: of the fields of a secret, those that are none: a filter that asks only for these shows nothing
_HARMLESS: Final = regex.compile(
    r"(?i)\bkeys\b|\blength\b|^\.?\W*(?:arn|name|version\w*|createddate|expires?_?on|tenant)\W*$"
)


def told(invocation: Invocation) -> Value | None:
    """The output of a command that prints a secret where it goes on to another one, else None."""
    name = invocation.name or ""
    if "captured" not in invocation.tags or name not in _TELLING:
        return None
    words = " ".join(map(str, invocation.argv[1:]))
    if not regex.compile(_TELLING[name]).search(words) or _ABOUT.search(words):
        return None
    return unknown(Origin.OUTPUT, name, many=True, sources=(f"cmd:{name}", PREFIX + name))


def tools(values: Iterable[Value]) -> list[str]:
    """The tools whose secrets are in these words."""
    return sorted({source[len(PREFIX) :] for value in values for source in value.sources if source.startswith(PREFIX)})


def asks_no_value(words: Iterable[str]) -> bool:
    """Whether the filter of jq or yq (its words without the program) shows only what is around a secret."""
    filters = [word for word in words if not word.startswith("-")]
    return bool(filters) and _HARMLESS.search(filters[0]) is not None
