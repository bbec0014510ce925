"""What each harness writes around the command of its model: one ``Frame`` for each version, as data.

A frame is a row of literal pieces and holes. Nothing but a hole may differ, and a hole takes no character by which a
shell could read anything else there. To add a version, add a ``Frame`` to ``FRAMES`` and its examples to the tests.
"""

from __future__ import annotations

from enum import Enum

from agentguard.light import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final


class Quoting(Enum):
    """How a harness writes the command into its frame."""

    DOUBLE = "a single-quoted word, ' written as '\"'\"'"
    BACKSLASH = "a single-quoted word, ' written as '\\''"
    JSON = "a double-quoted word in which nothing is special"
    RAW = "as it is"
    ARGUMENT = "the first argument of the shell"


@dataclass(frozen=True, slots=True)
class Hole:
    """A place that differs from call to call: its name and the regular expression that it must match in full."""

    name: str
    pattern: str


@dataclass(frozen=True, slots=True)
class Maybe:
    """Pieces that are there or not."""

    pieces: tuple[str | Hole, ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """One of several rows of pieces."""

    rows: tuple[tuple[str | Hole, ...], ...]


Piece = str | Hole | Maybe | Choice


@dataclass(frozen=True, slots=True)
class Frame:
    """One version of one harness's frame.

    ``starts``: how such a text begins, for a quick look. ``before`` and ``after`` are what the frame itself does around
    the command as far as the command can change it: functions and variables of the command hold there as well.
    ``joined`` is what the frame hands to the same ``eval`` behind the command. ``at_home``: the sourced file belongs
    into the user's home directory. ``arguments`` is the number of arguments (``$1``…) of the call.
    """

    harness: str
    since: str
    pieces: tuple[Piece, ...]
    starts: tuple[str, ...]
    quoting: Quoting
    before: str = ""
    after: str = ""
    joined: str = ""
    at_home: bool = False
    arguments: int = 0
    bare: bool = False  # a command that is one plain word may stand without quotes


PAYLOAD: Final = Hole("payload", "")  # its pattern follows from the quoting

_COMPONENT = r"/(?!\.{1,2}(?![A-Za-z0-9_.@+-]))[A-Za-z0-9_.@+-]+"
_DIRECTORY = rf"(?:{_COMPONENT})+"
_TEMPORARY = r"(?:/private)?(?:/var)?/tmp|(?:/private)?/var/folders/[a-z0-9_]{2}/[a-z0-9_]+/T"
_VALUE = r"'[^'\0]*(?:'(?:\"'\"|\\')'[^'\0]*)*'"
_SYSTEM_SHELL = r"(?:/usr|/usr/local|/opt/homebrew)?/bin/(?:bash|sh)"

_CLAUDE_SOURCE: Final = Maybe(
    (
        "source ",
        Hole("file", rf"{_DIRECTORY}/\.claude/shell-snapshots/snapshot-bash-[0-9]{{6,20}}-[a-z0-9]{{6}}\.sh"),
        " 2>/dev/null || true && ",
    )
)
_CLAUDE_EXPORTS: Final = Maybe((Hole("exports", rf"(?:export [A-Za-z_][A-Za-z0-9_]*={_VALUE}\n)+"), ": && "))
_CLAUDE_UNALIAS: Final = Maybe(
    (r"{ \builtin unalias -- 'unsetenv'; \builtin unset -f -- 'unsetenv'; } >/dev/null 2>&1 || true && ",)
)
_CLAUDE_END: Final = (
    " && pwd",
    Choice(((" -P >| /tmp/claude-", Hole("id", r"[0-9a-f]{4}"), "-cwd"), ())),
)
_CLAUDE_STARTS: Final = ("source /", "{ shopt -u extglob ", "shopt -u extglob 2>", "export ")

_CURSOR: Final = (
    'snap=$(command cat <&3) && builtin shopt -s extglob && builtin eval -- "$snap" && { '
    'builtin set +u 2>/dev/null || true; builtin eval "${__CURSOR_SANDBOX_ENV_RESTORE:-}" 2>/dev/null; '
    'builtin export PWD="$(builtin pwd)"; builtin shopt -s expand_aliases 2>/dev/null; '
    'builtin eval "$1" < /dev/null; }; COMMAND_EXIT_CODE=$?; dump_bash_state >&4; builtin exit $COMMAND_EXIT_CODE'
)

FRAMES: Final = (
    Frame(
        harness="Claude Code",
        since="2.1.239",
        pieces=(
            _CLAUDE_SOURCE,
            _CLAUDE_EXPORTS,
            "{ shopt -u extglob || setopt NO_EXTENDED_GLOB NO_BARE_GLOB_QUAL; } >/dev/null 2>&1 || true && ",
            _CLAUDE_UNALIAS,
            "eval ",
            PAYLOAD,
            Maybe((" < /dev/null",)),
            *_CLAUDE_END,
        ),
        starts=_CLAUDE_STARTS,
        quoting=Quoting.DOUBLE,
        after="pwd -P",
        at_home=True,
        bare=True,
    ),
    Frame(
        harness="Claude Code",
        since="2.0",
        pieces=(
            _CLAUDE_SOURCE,
            _CLAUDE_EXPORTS,
            "shopt -u extglob 2>/dev/null || true && eval ",
            PAYLOAD,
            Maybe((" < /dev/null",)),
            *_CLAUDE_END,
        ),
        starts=_CLAUDE_STARTS,
        quoting=Quoting.DOUBLE,
        after="pwd -P",
        at_home=True,
        bare=True,
    ),
    Frame(
        harness="Claude Code",
        since="1.0",
        pieces=(
            _CLAUDE_SOURCE,
            _CLAUDE_EXPORTS,
            Choice(
                (
                    ("shopt -u extglob 2>/dev/null || true && ",),
                    ("{ shopt -u extglob || setopt NO_EXTENDED_GLOB NO_BARE_GLOB_QUAL; } >/dev/null 2>&1 || true && ",),
                )
            ),
            "eval ",
            PAYLOAD,
            r" \< /dev/null",
            *_CLAUDE_END,
        ),
        starts=_CLAUDE_STARTS,
        quoting=Quoting.DOUBLE,
        after="pwd -P",
        joined=" < /dev/null",
        at_home=True,
        bare=True,
    ),
    Frame(
        harness="Codex",
        since="0.155",
        pieces=(
            "if . '",
            Hole("file", rf"{_DIRECTORY}/shell_snapshots/[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.sh"),
            "' >/dev/null 2>&1; then :; fi\n\nexec '",
            Hole("shell", _SYSTEM_SHELL),
            "' -c ",
            PAYLOAD,
        ),
        starts=("if . '/",),
        quoting=Quoting.DOUBLE,
        at_home=True,
    ),
    Frame(
        harness="Cursor",
        since="2.0",
        pieces=(_CURSOR,),
        starts=("snap=$(command cat <&3) && ",),
        quoting=Quoting.ARGUMENT,
        before="shopt -s extglob\ndump_bash_state() { :; }",
        after="dump_bash_state >&4\nbuiltin exit 0",
        arguments=1,
    ),
    Frame(
        harness="Gemini CLI",
        since="0.20",
        pieces=(
            "shopt -u promptvars nullglob extglob nocaseglob dotglob; _bgpids_file='",
            Hole("pids", rf"(?:{_TEMPORARY})(?:{_COMPONENT}){{1,2}}"),
            "'\n(\n  trap 'jobs -p > \"$_bgpids_file\"' EXIT\n",
            PAYLOAD,
            "\n)\n__code=$?\nexit $__code",
        ),
        starts=("shopt -u promptvars nullglob extglob nocaseglob dotglob; _bgpids_file='",),
        quoting=Quoting.RAW,
        before="_bgpids_file='{pids}'",
        after='jobs -p > "$_bgpids_file"',
    ),
    Frame(
        harness="Hermes",
        since="1.0",
        pieces=(
            Maybe(("source ", Hole("file", r"/tmp/hermes-snap-[0-9a-f]+\.sh"), " >/dev/null 2>&1 || true\n")),
            Maybe(("export", Hole("pagers", r"(?: (?:GIT_|GH_|MAN|SYSTEMD_)?PAGER=cat)+"), "\n")),
            "builtin cd -- ",
            Hole("directory", r"/[A-Za-z0-9_./@%+=:,-]*|~|'/[^'\0]*(?:'\"'\"'[^'\0]*)*'"),
            " || exit 126\neval ",
            PAYLOAD,
            "\n__hermes_ec=$?\nprintf '\\n__HERMES_CWD_",
            Hole("id", r"[0-9a-f]+"),
            "__%s__HERMES_CWD_",
            Hole("id", ""),  # the same again
            "__\\n' \"$(pwd -P)\"\nexit $__hermes_ec",
        ),
        starts=("source /tmp/hermes-snap-", "export ", "builtin cd -- "),
        quoting=Quoting.BACKSLASH,
        before="builtin cd -- {directory}",
        after="printf '%s\\n' \"$(pwd -P)\"\nexit 0",
    ),
    Frame(
        harness="OpenCode",
        since="1.0",
        pieces=(
            "\n",
            Hole("indent", r" {0,24}"),
            "shopt -s expand_aliases\n",
            Hole("indent", ""),
            "[[ -f ~/.bashrc ]] && source ~/.bashrc >/dev/null 2>&1 || true\n",
            Hole("indent", ""),
            'cd -- "$1"\n',
            Hole("indent", ""),
            "eval ",
            PAYLOAD,
            "\n",
            Hole("tail", r" {0,24}"),
        ),
        starts=("\n",),
        quoting=Quoting.JSON,
        before="cd -- {1}",
        arguments=1,
    ),
    Frame(
        harness="Zed",
        since="0.150",
        pieces=("(", PAYLOAD, "\n) </dev/null"),
        starts=("(",),
        quoting=Quoting.RAW,
    ),
)

#: texts that a harness runs by itself when it starts, where the ordinary judgement would stop them
START_UP: Final = frozenset((("Claude Code", "env"),))
