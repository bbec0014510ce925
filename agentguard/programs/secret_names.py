"""Names that say secret: files by their path, variables, words people search for, and the shapes of tokens."""

from __future__ import annotations

import re

from agentguard import regex
from agentguard.interpret.values import Unknown, Value
from agentguard.world import path_names

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

#: parts of ``SOME_NAME`` that make it a secret, unless a later part says that it only describes one
_VARIABLE: Final = regex.compile(
    r"(?:\w*_)?(?:TOKENS?|SECRETS?|PASSWORD|PASSWD|PASSPHRASE|PWD(?=$)|PASS(?=$)|APIKEY|API_?KEY|ACCESS_?KEY|SECRET_?KEY"
    r"|PRIVATE_?KEY|ENCRYPTION_?KEY|SIGNING_?KEY|MASTER_?KEY|ACCOUNT_?KEY|CREDENTIALS?|CREDS|PAT(?=$)|DSN(?=$)"
    r"|CONNECTION_?STRING|DATABASE_URL|REDIS_URL|MONGO(?:DB)?_URI|WEBHOOK_URL|COOKIE(?=$)|AUTH(?=$)|KEY(?=$))(?:_\w+)?",
    re.IGNORECASE,
)
_DESCRIBES: Final = regex.compile(
    r"_(?:LIMIT|COUNT|FILE|PATH|DIR|NAME|TYPE|TTL|EXPIRY|EXPIRES(?:_IN|_AT)?|LENGTH|SIZE|VERSION|PREFIX|REGION|ENABLED"
    r"|ID_COLUMN|STORE|PROVIDER|SCOPES?|BUDGET|USAGE|MAX|MIN|INDEX)$",
    re.IGNORECASE,
)
_NO_SECRET: Final = frozenset(
    ("PWD", "OLDPWD", "KEY", "MAX_TOKENS", "SORT_KEY", "PRIMARY_KEY", "CACHE_KEY", "PUBLIC_KEY")
)
#: what a search for secrets looks for
HUNTED: Final = regex.compile(
    r"(?i)token(?!i[sz])|secret(?!ar)|passw(?:or)?d|passphrase|api[_\-. ]?\??key|access[_\-. ]?\??key"
    r"|private[_\-. ]?\??key|credential|bearer|BEGIN[^|]*KEY|AKIA|ASIA\["
    r"|ghp_|gho_|github_pat|glpat|sk_live|rk_live|sk-(?:ant|proj|or)|xox[bp]"
    r"|AIza|npm_\[|hvs\.|dop_v1|_KEY=|authorization|oauth|\bDATABASE_URL|connection.?string"
)
#: the same in a listing of variables
HUNTED_VARIABLE: Final = regex.compile(r"(?i)key|pass|auth|cred|aws|pwd|dsn|_url|stripe|openai|github")
#: what a search for files that hold secrets looks for
_HUNTED_FILE: Final = regex.compile(
    r"(?i)(?:^|[*/])\.?env(?:$|[.*])|\.env\b|\.pem|\.key\b|\.p12|\.pfx|\.jks|\.kdbx|\.ppk|id_(?:rsa|ed25519|ecdsa|dsa)"
    r"|id_\*|credential|secret|token|passw|\.netrc|\.pgpass|\.npmrc|\.pypirc|\.git-credentials|\.aws|\.ssh\b|kubeconfig"
    r"|\.tfstate|\.tfvars|service.?account|\.gnupg|wallet|cookies|login data|\.vault-token|\.railway"
)
#: well-known tokens: the beginning says what they are
TOKEN: Final = regex.compile(
    r"\b(?:gh[pousr]_|github_pat_|glpat-|(?:sk|rk)_live_|sk-ant-|sk-proj-|xox[bpears]-|xapp-|npm_|pypi-|AKIA|ASIA"
    r"|AIza|ya29\.|dop_v1_|HRKU-|nfp_|rnd_|sbp_|sb_secret_|napi_|pscale_tkn_|hvs\.|pul-|dp\.[a-z]+\.|hf_|SG\.|shpat_"
    r"|lin_api_|sntry[su]_|dapi|ATATT3|CCIPAT_|PMAK-|tskey-|glsa_|whsec_|AGE-SECRET-KEY-)[\w./+=-]{8,}"
)
#: these and rarer ones
ANY_TOKEN: Final = regex.compile(
    TOKEN.pattern + r"|\b(?:gl(?:dt|rt|ptt|cbt|soat|ft|imt|agent|oas|ffct)-|sk-(?:or-v1|svcacct|admin)-|rubygems_"
    r"|dckr_[po]at_|A(?:BIA|CCA)[A-Z2-7]{4}|ABSK|IQoJb3JpZ2lu|GOCSPX-|do[or]_v1_|fo1_|fm[12][ar]?_|vc[piark]_"
    r"|vercel_blob_rw_|nf[cou]_|pscale_(?:oauth|pw)_|hv[br]\.|ops_eyJ|gsk_|pplx-|xai-|pcsk_|shp(?:ca|pa|ss)_"
    r"|sq0(?:atp|csp)-|lin_oauth_|ntn_|NR(?:AK|II|JS|RA)-|AKCp|ATBB|CCIPRJ_|glc_|eyJ[\w-]{8,}\.eyJ)[\w./+=-]{8,}"
)
#: the beginning of a token that says what it is, and what looks like a token without one
_KIND: Final = regex.compile(r"(?:[A-Za-z][A-Za-z0-9]{1,6}[_.-]){1,2}(?:v\d_)?|[A-Z]{4}|AIza|eyJ[A-Za-z]")
_TOKEN_LIKE: Final = regex.compile(r"[\w.-]*\d[\w.+/=-]*")
#: the first part of a variable's name → what the hosts it belongs to have in them
PROVIDERS: Final = {
    "AWS": ("amazonaws", "aws"), "GITHUB": ("github", "ghcr"), "GH": ("github", "ghcr"), "GITLAB": ("gitlab",),
    "NPM": ("npm",), "NODE_AUTH": ("npm", "github"), "STRIPE": ("stripe",), "OPENAI": ("openai", "azure"),
    "ANTHROPIC": ("anthropic",), "SLACK": ("slack",), "RAILWAY": ("railway",), "VERCEL": ("vercel",),
    "CLOUDFLARE": ("cloudflare",), "CF": ("cloudflare", "cf"), "DIGITALOCEAN": ("digitalocean",),
    "HEROKU": ("heroku",), "FLY": ("fly",), "NETLIFY": ("netlify",), "SUPABASE": ("supabase",),
    "SENTRY": ("sentry",), "DATADOG": ("datadog",), "PYPI": ("pypi",), "TWINE": ("pypi",), "HF": ("hugging", "hf"),
    "HUGGINGFACE": ("hugging",), "SSH": ("ssh",), "VAULT": ("vault",), "GOOGLE": ("google",),
    "AZURE": ("azure", "microsoft"),
}  # fmt: skip

_PUBLIC_PLACES: Final = (
    *("/etc/ssl/certs", "/usr/", "/lib", "/opt/homebrew", "/tmp/", "/var/tmp/", "/private/tmp/", "/nix/store/"),
    "/etc/pki/tls/certs",
)
#: in the home directory: settings beside the secrets, and public halves of keys
_MILD: Final = regex.compile(
    r"/(?:\.ssh/(?:config|authorized_keys|environment|rc)|\.aws/config|\.config/gh/config\.yml|\.kube/(?:cache|kubectx).*"
    r"|\.config/gcloud/(?:active_config|configurations/.*|logs/.*)|\.terraform\.d/(?!credentials).*|\.gnupg/(?:gpg|gpg-agent|dirmngr)\.conf"
    r"|\.docker/(?!config\.json).*|\.config/configstore/update-notifier.*|\.kube/config\.d?/?\.example)$"
)
_EXAMPLE: Final = regex.compile(
    r"(?:^|/)(?:tests?|__tests__|spec|fixtures?|testdata|test[-_]data|mocks?|examples?|samples?|docs?|node_modules|\.?venv"
    r"|site-packages|vendor|templates?)(?:/|$)"
)
_HISTORY: Final = regex.compile(r"_history$")


def rendered(path: Value) -> str:
    """A path as text, with ``x`` for what is not known."""
    return "".join(
        piece if isinstance(piece, str) else "x" if isinstance(piece, Unknown) else piece.text for piece in path.pieces
    )


def variable(name: str) -> bool:
    """Whether a variable of this name holds a secret."""
    return not describes(name) and _VARIABLE.fullmatch(name) is not None


def describes(name: str) -> bool:
    """Whether a name only speaks about a secret: ``TOKEN_LIMIT``, ``KEY_FILE``."""
    return name.upper() in _NO_SECRET or _DESCRIBES.search(name) is not None


def sort(path: str, home: str, project: str) -> str:
    """What kind of secret a file is: ``own`` (of the project), ``other``, ``history``, or "" for none."""
    name = path.rpartition("/")[2]
    public = path.startswith(_PUBLIC_PLACES) or (name.endswith((".asc", ".gpg")) and "/.gnupg" not in path)
    if public and "/.password-store/" not in path:
        return ""
    own = bool(project) and project not in ("/", home) and path.startswith(project + "/")
    if own and _EXAMPLE.search(path[len(project) :]):
        return ""
    if not path_names.secret(path, home) and not _globbed_secret(path, home):
        return ""
    if _HISTORY.search(name):
        return "history"
    if own:
        return "own"
    return "" if _MILD.search(path) else "other"


def _globbed_secret(path: str, home: str) -> bool:
    """``~/.ssh/*``, ``/proc/*/environ``: a pattern whose directory holds secrets."""
    head = path.split("*")[0].rstrip("/")
    return "*" in path and head != "" and path_names.secret(head, home)


def hunted_file(pattern: str) -> bool:
    """Whether a file name pattern looks for files with secrets."""
    return _HUNTED_FILE.search(pattern) is not None


def searched(root: str, home: str, project: str) -> bool:
    """Whether a search below ``root`` looks at what belongs to other projects or to the person."""
    root = root.rstrip("/") or "/"
    if project and project not in ("/", home) and (root == project or root.startswith(project + "/")):
        return False
    if root.startswith((*_PUBLIC_PLACES, "/var/log", "/etc/")) or root in ("/usr", "/tmp", "/var/tmp"):
        return False
    return root.startswith("/")


def fingerprint(text: str) -> str:
    """What tells a token from others without being of use: its kind and its last four characters (``ghp_…3f2a``).

    "" for what is no long token: of a password nothing is shown.
    """
    found = ANY_TOKEN.search(text)
    token = found[0] if found else text
    if len(token) < 20 or (found is None and _TOKEN_LIKE.fullmatch(token) is None):
        return ""
    kind = _KIND.match(token) if found else None
    return f"{kind[0] if kind else ''}…{token[-4:]}"
