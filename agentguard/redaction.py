"""Take what looks like a secret out of text that is kept or shown: one function, :func:`redacted`.

Used for the commands of the audit log, and fit for any other text that quotes a command (what a finding hits, a
pending request). It works on the text alone, because a command that could not be read must be kept without its
secrets too. A secret in no known shape and under no telling name stays.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

TYPE_CHECKING = False
if TYPE_CHECKING:
    import re
    from typing import Final

HIDDEN: Final = "[redacted]"

#: without any of these in it (in lower case), text holds nothing that the patterns know: most commands end here
HINTS: Final = (
    *("pass", "pwd", "token", "secret", "key", "cred", "auth", "bearer", "cookie", "://", "pat=", "pat:", "--pat"),
    *("dsn", "webhook", "connection", "private", "eyj", "hooks.slack", "identified"),
    *("ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_", "glpat-", "_live_", "sk-", "xox", "xapp-"),
    *("akia", "asia", "aiza", "ya29.", "dop_v1_", "hrku-", "nfp_", "rnd_", "sbp_", "sb_", "napi_", "pscale_", "hvs."),
    "from-literal",
    *("pul-", "dp.", "hf_", "sg.", "shpat_", "lin_api_", "sntry", "dapi", "atatt3", "ccipat_", "pmak-", "tskey-"),
    *("gldt-", "glrt-", "glptt-", "glcbt-", "glsoat-", "glft-", "glimt-", "glagent-", "gloas-", "glffct-", "dckr_"),
    *("rubygems_", "abia", "acca", "absk", "iqojb3", "gocspx-", "_v1_", "fo1_", "fm1", "fm2", "vcp_", "vci_", "vca_"),
    *("vcr_", "vck_", "vercel_blob", "nfc_", "nfo_", "nfu_", "hvb.", "hvr.", "gsk_", "pplx-", "xai-", "pcsk_"),
    *("shpca_", "shppa_", "shpss_", "sq0", "lin_oauth_", "ntn_", "nrak-", "nrii-", "nrjs-", "nrra-", "akcp"),
    *("atbb", "cciprj_", "glc_"),
    *("npm_", "pypi-", "glsa_", "whsec_", "age-", "mysql", "mariadb", "mycli", "login", "mongo", "redis-cli", "curl"),
    *("http", "lftp", "ldap", "zip", "7z", "sqlcmd", "bcp", "mosquitto", "smbclient", "rpcclient", "sudo"),
)  # fmt: skip

_QUOTED: Final = r'''"(?:[^"\\]|\\.)*"|'[^']*'|'''
_WORD: Final = rf"""(?P<value>{_QUOTED}(?:[^\s"'\\|;&<>()]|\\.)+)"""
#: the rest of a simple command: up to an operator that is not quoted
_REST: Final = rf"""(?:{_QUOTED}\\.|[^|;&\n"'\\])*"""

#: programs → a word that must follow (or ""), and how a password is given to them: only what a name does not tell
_GIVEN: Final = (
    ("mysql mysqldump mysqladmin mysqlimport mysqlsh mariadb mariadb-dump mariadb-admin mycli", "", r"-p(?=\S)"),
    ("sshpass mongo mongosh mongodump mongorestore mongoexport mongoimport", "", r"-p\s*"),
    ("docker podman nerdctl buildah skopeo crane helm oras regctl az", "login", r"-p[\s=]*"),
    ("redis-cli", "", r"-a\s+"),
    ("curl", "", r"""(?:-[a-zA-Z]*[uU]\s*|--(?:proxy-)?user[=\s]\s*)["']?[^\s:"']*:(?=[^\s"'])"""),
    ("http https xh xhs", "", r"""(?:-a\s*|--auth[=\s]\s*)["']?[^\s:"']*:(?=[^\s"'])"""),
    ("lftp", "", r"""-u\s*["']?[^\s,"']*,(?=[^\s"'])"""),
    ("ldapsearch ldapadd ldapmodify ldapdelete ldappasswd ldapwhoami", "", r"-[wys]\s*(?=\S)"),
    ("zip unzip zipcloak sqlcmd bcp mosquitto_pub mosquitto_sub", "", r"-P\s*"),
    ("7z 7za 7zz 7zr", "", r"-p(?=\S)"),
    ("smbclient rpcclient", "", r"""-U\s*["']?[^\s%"']*%(?=[^\s"'])"""),
    ("gh", "secret", r"(?:-b\s*|--body[=\s]\s*)"),
)


def redacted(text: str) -> str:
    """``text`` with secrets replaced by ``[redacted]``; their names, users and the kind of token stay readable.

    Hidden are tokens of well-known shape, private keys, values of secret names (``API_KEY=…``, ``"password": "…"``,
    ``--token …``, header lines), passwords in URLs, and passwords that a program takes in its own way (``mysql -p…``,
    ``curl -u user:…``). References such as ``$TOKEN`` stay: they say where a secret is, not what it is.
    """
    parts: list[str] = []
    end = 0
    for start, stop in secrets(text):
        parts += (text[end:start], HIDDEN)
        end = stop
    return "".join((*parts, text[end:]))


def secrets(text: str) -> list[tuple[int, int]]:
    """Where the secrets are (``text[start:stop]`` each), in order and apart from one another."""
    lower = text.lower()
    if not any(hint in lower for hint in HINTS):
        return []
    found: list[tuple[int, int]] = []
    for start, stop in sorted(_spans(text)):
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(stop, found[-1][1]))
        else:
            found.append((start, stop))
    return found


def _spans(text: str) -> Iterator[tuple[int, int]]:
    """Where the secrets are. Spans may overlap."""
    patterns = _patterns()
    for pattern in patterns.whole:
        for found in pattern.finditer(text):
            yield from _value(found)
    hidden = 0
    for found in patterns.named.finditer(text):
        if found.end() >= hidden and _secret_name(found["name"]):
            end = {'"': '"', "'": "'", "`": "`"}.get(found["join"][-1:], "")
            value = (patterns.until.get(end) or patterns.bare).match(text, found.end())
            for span in _value(value) if value is not None else ():
                hidden = span[1]
                yield span
    for found in patterns.option.finditer(text):
        if _secret_name(found["name"]):
            yield from _value(found)
    seen: dict[re.Pattern[str], int] = {}
    for found in patterns.program.finditer(text):
        needed, given = patterns.given[found["program"]]
        if found.end() < seen.get(given, 0):
            continue  # searched already; each part once, or long text would take the square of its length
        rest = patterns.rest.match(text, found.end())
        if rest is not None and needed in rest[0]:
            seen[given] = rest.end()
            for value in given.finditer(text, rest.start(), rest.end()):
                yield from _value(value)


def _value(found: re.Match[str]) -> Iterator[tuple[int, int]]:
    """The span of a value without its quotes, unless it only refers to a secret."""
    start, end = found.span("value")
    text = found["value"]
    if len(text) > 1 and text[0] == text[-1] and text[0] in "\"'":
        start, end, text = start + 1, end - 1, text[1:-1]
    if text and not _patterns().reference.fullmatch(text):
        yield start, end


class _Patterns:
    """All patterns, compiled when the first text needs them."""

    def __init__(self) -> None:
        import re

        from agentguard import regex
        from agentguard.programs.secret_names import ANY_TOKEN, TOKEN

        folded = re.IGNORECASE
        self.whole = (
            # the first characters of a token say what kind it is, and stay
            regex.compile(rf"(?={TOKEN.pattern})\w[\w.-]{{3}}(?P<value>[\w./+=-]+)"),
            # the beginnings of the rarer ones are those of file names too: nfc_reader.py, vcr_cassettes/
            regex.compile(
                rf"(?={ANY_TOKEN.pattern})\w[\w.-]{{3}}(?=[\w+=-]{{14}})(?=[\w+=-]*\d)(?P<value>[\w./+=-]+)"
            ),
            regex.compile(r"(?<![\w-])eyJ(?P<value>[\w-]{8,}\.[\w-]{8,}[\w.-]*)"),
            regex.compile(r"(?<![\w-])sk-(?P<value>[\w-]{20,})"),
            regex.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY[A-Z ]*-----(?P<value>.*?)(?=-----END|\Z)", re.DOTALL),
            regex.compile(r"hooks\.slack\.com/services/(?P<value>[\w/]+)"),
            regex.compile(r"discord(?:app)?\.com/api/webhooks/(?P<value>[\w/-]+)"),
            # header lines run to the end of the quotes or of the line
            regex.compile(
                r"""(?<![\w-])(?:proxy-)?authorization\\?["']?\s*[:=,]\s*\\?["'`]?(?:(?:bearer|basic|token|digest|bot"""
                r"""|apikey|api-key|key|negotiate)\s+)?(?P<value>[^"'`\n\\]+)""",
                folded,
            ),
            regex.compile(r"""(?<![\w-])(?:set-)?cookie\s*:\s*(?P<value>[^"'`\n]+)""", folded),
            regex.compile(r"""(?<!\w)bearer\s+(?P<value>[\w.~+/=-]{8,})""", folded),
            # the password of a URL; a port is none
            regex.compile(
                r"""(?<![\w+.-])[a-z][\w+.-]{0,30}://[^\s/@:"'<>]{0,200}:(?!\d{1,5}(?:[/?#]|$))"""
                r"""(?P<value>[^\s"'<>/]{1,400}(?=@)|[^\s"'<>@]{1,400}(?=@))""",
                folded,
            ),
            regex.compile(r"""(?<![\w+.-])[a-z][\w+.-]{0,30}://(?P<value>[^\s/@:"'<>$]{20,400})@""", folded),
            regex.compile(r"\b(?:identified\s+by|password)\s+(?:as\s+)?\\?'(?P<value>[^'\\]+)", folded),
            regex.compile(r"""(?<![\w-])pass:(?P<value>[^\s"']+)"""),
            regex.compile(r"""--from-literal[=\s]\s*["']?[\w.-]+=(?P<value>[^\s"']+)"""),
            regex.compile(
                rf"""(?<!\w)(?:echo|printf)(?:\s+-\w+|\s+["']?%s(?:\\n)?["']?)*\s+{_WORD}\s*\|\s*[^|;&\n]{{0,200}}?"""
                r"(?:\bsudo\s+(?:-\w+\s+){0,4}?(?:-\w*S\b|--stdin\b)|--password-stdin|--with-token|\bpasswd\s+--stdin)"
            ),
            regex.compile(
                r"""(?<!\w)(?:echo|printf)\s+(?:-\w+\s+)*["']?[\w.-]+:(?P<value>[^\s"'|]+)["']?\s*\|[^|;&\n]{0,200}?\bchpasswd"""
            ),
            regex.compile(rf"\bsudo\s+(?:-\w+\s+){{0,4}}?-\w*S\b[^|;&\n]{{0,200}}?<<<\s*{_WORD}"),
        )
        name, gap = r"(?P<name>[A-Za-z_][\w.-]{0,80})", r"\s{0,8}"
        joined = rf"""=(?!\s)|{gap}:{gap}|\s{gap}={gap}|={gap}(?=["'])"""
        self.named = regex.compile(rf"""(?<![\w.-])-{{0,2}}{name}(?P<join>\\?["']?(?:{joined})\\?["'`]?)""")
        self.option = regex.compile(rf"(?<![\w-])--?(?=[A-Za-z]{{2}}){name}\s+(?!-){_WORD}")
        self.until = {quote: regex.compile(rf"(?P<value>[^{quote}\n]+?)(?=\\?{quote}|\n|\Z)") for quote in "\"'`"}
        self.bare = regex.compile(r"""(?P<value>(?:[^\s"'`&;|()<>\\]|\\.)+)""")
        self.rest = regex.compile(_REST)
        self.given: dict[str, tuple[str, re.Pattern[str]]] = {}
        for programs, needed, option in _GIVEN:
            pattern = regex.compile(rf"(?<=\s){option}{_WORD}")
            self.given.update((program, (needed, pattern)) for program in programs.split())
        longest = sorted(self.given, key=len, reverse=True)
        self.program = regex.compile(rf"(?<![\w.-])(?P<program>{'|'.join(map(re.escape, longest))})(?=\s)")
        #: says where a secret is, or that there is none
        self.reference = regex.compile(
            r"\$\w*|\$\{\w+(?::?\?[^}]*)?\}|\$\(.*|\$\{\{.*|\{[\w.]+\}|`.*|%s|<[\w .-]+>|\*+|\.+|…"
            r"|\[redacted\].*|@[\w./~-]+"
            r"|(?:~|\.{1,2})/[\w./-]*|/(?:etc|home|root|usr|var|tmp|opt|run|mnt|srv|dev|proc|Users|private)/[\w./-]*"
            r"|\?.*|(?i:bearer|basic|token)\s*|[a-z][\w+.-]*://[^\s/@]*@.*"  # the password in it is found by itself
            r"|file:.*|env:.*|stdin|os\.environ.*|process\.env.*|os\.getenv.*|getenv.*"
            r"|true|false|null|none|None|True|False|yes|no|[01]|str|string|String|int|bool|,|\\",
            re.DOTALL,
        )
        #: parts of a name that are no word of their own there, and names that only speak about a secret
        self.loose = regex.compile(
            r"(?:(?:store|key|root|user|db|admin)pass|\w*(?:passw(?:or)?d|passphrase)|\w*token)", folded
        )
        self.about = regex.compile(r"(?:no|ask)_|.*_(?:stdin|prompt|env|command|cmd|fd|helper|arn|manager)$", folded)
        self.humps = regex.compile(r"(?<=[a-z0-9])(?=[A-Z])")


@cache
def _patterns() -> _Patterns:
    return _Patterns()


@cache
def _secret_name(name: str) -> bool:
    """Whether an option, a header, a variable or a key of this name holds a secret."""
    from agentguard.programs.secret_names import describes, variable

    patterns = _patterns()
    plain = patterns.humps.sub("_", name.rpartition(".")[2].replace("-", "_")).strip("_")
    if not plain or patterns.about.match(plain) or describes(plain):
        return False
    return variable(plain) or patterns.loose.fullmatch(plain) is not None
