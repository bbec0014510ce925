"""Commands whose output is a secret, so that it is still known as one behind a pipe or in a variable.

``gh auth token | docker login --password-stdin`` uses the token, ``gh auth token | cat`` shows it: the output carries
the source ``secret:TOOL``, and whoever shows it is asked about. What is shown right away is the rules' affair.
"""

from __future__ import annotations

from collections.abc import Iterable

from agentguard import regex
from agentguard.interpret.invocation import Invocation
from agentguard.interpret.values import Origin, Value, unknown
from agentguard.operations import ProgramCall

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

PREFIX: Final = "secret:"

_STORE: Final = r"^(?!.*(?: -c| --clip))(?:show |(?:show )?[^- ]+/[^ ]+$)"
#: program → what its call looks like when it prints a secret: the sub-command, the operands, then its options
_TELLING: Final = {
    "gh": r"^auth token\b|^auth status .*(?:-t|--show-token)\b",
    "glab": r"^auth token\b|^auth status .*(?:-t|--show-token)\b",
    "gcloud": r"^(?:alpha |beta )?(?:auth (?:application-default )?print-(?:access|identity)-token\b"
              r"|secrets versions access\b)",
    "az": r"^account get-access-token\b|^keyvault secret (?:show|download)\b|^acr credential show\b"
          r"|^storage account (?:keys list|show-connection-string)\b|^cosmosdb keys list\b",
    "aws": r"^secretsmanager (?:batch-)?get-secret-value\b|^ssm get-parameter\S* .*--with-decryption\b"
           r"|^ecr get-login-password\b|^sts (?:get-session-token|assume-role)|^configure export-credentials\b"
           r"|^configure get \S*(?:secret|token)|^kms decrypt\b|^rds generate-db-auth-token\b",
    "op": r"^read \S|^item get .*(?:--reveal|--fields)",
    "vault": r"^kv get\b|^read (?!sys/|auth/)",
    "heroku": r"^config(?: |$)|^config:get .*(?i:url|key|token|secret|pass|dsn|cred)|^auth:token|^pg:credentials:url",
    "doppler": r"^(?!.*--only-names)secrets(?: (?:get|download|-)|$)",
    "railway": r"^(?!.*--set)variables?(?: list)?(?: -|$)",
    "pass": _STORE,
    "gopass": _STORE,
    "passage": _STORE,
    "bw": r"^get (?:password|totp|notes|item)\b",
    "secret-tool": r"^lookup ",
    "security": r"^find-\w+-password .*-[wg]\b",
    "netlify": r"^env:get |^env:list .*--(?:plain|json)\b",
    "chamber": r"^(?:read|export|env)\b",
}  # fmt: skip
#: what narrows the output to facts about the secret
_ABOUT: Final = regex.compile(r"--query=\S*(?:ARN|Name|Version\b|VersionId|Date|expires?On|Expir)|--output=none\b")
#: of the fields of a secret, those that are none: a filter that asks only for these shows nothing
_HARMLESS: Final = regex.compile(
    r"(?i)\bkeys\b|\blength\b|^\.?\W*(?:arn|name|version\w*|createddate|expires?_?on|tenant)\W*$"
)


def told(call: ProgramCall, invocation: Invocation) -> Value | None:
    """The output of a command that prints a secret where it goes on to another one, else None."""
    name = call.program
    if "captured" not in invocation.tags or name not in _TELLING:
        return None
    options = (one.name if one.value is None else f"{one.name}={one.value}" for one in call.options)
    text = " ".join((*call.words(), *options))
    if not regex.compile(_TELLING[name]).search(text) or _ABOUT.search(text):
        return None
    return unknown(Origin.OUTPUT, name, many=True, sources=(f"cmd:{name}", PREFIX + name))


def tools(values: Iterable[Value]) -> list[str]:
    """The tools whose secrets are in these words."""
    return sorted({source[len(PREFIX) :] for value in values for source in value.sources if source.startswith(PREFIX)})


def asks_no_value(words: Iterable[str]) -> bool:
    """Whether the filter of jq or yq (its words without the program) shows only what is around a secret."""
    filters = [word for word in words if not word.startswith("-")]
    return bool(filters) and _HARMLESS.search(filters[0]) is not None
