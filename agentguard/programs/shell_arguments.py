"""bash's own command line: which words are options, and where the text, the script and its arguments are.

bash reads its words in two rounds: long options first, with one dash or two, then bundles of letters, whose values
(``o``, ``O``) are the words after the bundle, in order. ``-c`` is only a letter: its text is the first word after all
options. What is not known here is refused by name, since an option may change what is run.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum

from agentguard.light import dataclass, field

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final


class Kind(Enum):
    """What a shell that is called in this way runs."""

    TEXT = "text"
    FILE = "file"
    STDIN = "stdin"
    INTERACTIVE = "interactive"
    PROBE = "probe"


class ShellArgumentError(Exception):
    """bash itself would refuse this command line; the message says why."""

    def __init__(self, word: str, reason: str) -> None:
        super().__init__(reason)
        self.word = word


class UnknownOption(ShellArgumentError):
    """An option that is not known here; ``word`` is its name as written."""

    def __init__(self, word: str) -> None:
        super().__init__(word, f"the shell option {word} is not known")


@dataclass(slots=True)
class ShellCall:
    """A call of bash, read. ``options`` and ``operands`` together are the words that were given, unchanged.

    ``text`` is set for TEXT, ``script`` for FILE. ``name`` is ``$0`` and ``arguments`` are ``$1``…
    ``settings`` are the ``set -o`` options that the call switches on or off, by their long names, and ``shopts`` those
    of ``shopt``. ``noexec`` is set where nothing is run; an interactive shell is not trusted to keep to it. ``listing``
    means that ``-o`` or ``-O`` without a name prints the settings first.
    """

    kind: Kind = Kind.STDIN
    options: tuple[str, ...] = ()
    operands: tuple[str, ...] = ()
    text: str = ""
    script: str = ""
    name: str = ""
    arguments: tuple[str, ...] = ()
    login: bool = False
    interactive: bool = False
    restricted: bool = False
    noexec: bool = False
    norc: bool = False
    noprofile: bool = False
    rcfile: str | None = None
    debugger: bool = False
    listing: bool = False
    settings: dict[str, bool] = field(default_factory=dict)
    shopts: dict[str, bool] = field(default_factory=dict)

    @property
    def posix(self) -> bool:
        return self.settings.get("posix", False)

    @property
    def privileged(self) -> bool:
        """``-p``: neither ``BASH_ENV`` nor exported functions are read."""
        return self.settings.get("privileged", False)

    @property
    def words(self) -> tuple[str, ...]:
        """The words after the program's name, as they were given."""
        return self.options + self.operands


#: the options of ``set``, by letter
LETTERS: Final = {
    "a": "allexport", "b": "notify", "e": "errexit", "f": "noglob", "h": "hashall", "k": "keyword",
    "m": "monitor", "n": "noexec", "p": "privileged", "t": "onecmd", "u": "nounset", "v": "verbose",
    "x": "xtrace", "B": "braceexpand", "C": "noclobber", "E": "errtrace", "H": "histexpand",
    "P": "physical", "T": "functrace",
}
SET_NAMES: Final = frozenset(
    (
        *LETTERS.values(),
        *("emacs", "history", "ignoreeof", "interactive-comments", "nolog", "pipefail", "posix", "vi"),
    )
)
SHOPT_NAMES: Final = frozenset(
    (
        *("autocd", "assoc_expand_once", "cdable_vars", "cdspell", "checkhash", "checkjobs", "checkwinsize", "cmdhist"),
        *("compat31", "compat32", "compat40", "compat41", "compat42", "compat43", "compat44", "complete_fullquote"),
        *("direxpand", "dirspell", "dotglob", "execfail", "expand_aliases", "extdebug", "extglob", "extquote"),
        *("failglob", "force_fignore", "globasciiranges", "globskipdots", "globstar", "gnu_errfmt", "histappend"),
        *("histreedit", "histverify", "hostcomplete", "huponexit", "inherit_errexit", "interactive_comments"),
        *("lastpipe", "lithist", "localvar_inherit", "localvar_unset", "login_shell", "mailwarn"),
        *("no_empty_cmd_completion", "nocaseglob", "nocasematch", "noexpand_translation", "nullglob"),
        *("patsub_replacement", "progcomp", "progcomp_alias", "promptvars", "restricted_shell", "shift_verbose"),
        *("sourcepath", "syslog_history", "varredir_close", "xpg_echo", "array_expand_once", "bash_source_fullpath"),
    )
)
_LONG: Final = frozenset(
    (
        *("debug", "debugger", "dump-po-strings", "dump-strings", "help", "init-file", "login", "noediting"),
        *("noprofile", "norc", "posix", "pretty-print", "rcfile", "restricted", "verbose", "version"),
    )
)
WITH_FILE: Final = frozenset(("init-file", "rcfile"))
_PROBES: Final = frozenset(("help", "version"))


def parse(words: Sequence[str], *, called: str = "bash", terminal: bool = False) -> ShellCall:
    """Read the words after the program's name.

    ``called`` is the name by which the shell was called (``argv[0]``; ``-bash`` is a login shell, ``sh`` reads POSIX
    text, ``rbash`` is restricted). ``terminal``: standard input and standard error are terminals, so that a shell
    without operands is interactive.

    Raises:
        UnknownOption: an option that is not known here.
        ShellArgumentError: an option lacks its value.
    """
    call = ShellCall(login=called.startswith("-"))
    base = called.removeprefix("-").rpartition("/")[2] or "bash"
    call.restricted = base == "rbash"
    if base == "sh":
        call.settings["posix"] = True
    index, probe = _long_options(words, call, single_dash=base != "sh")
    if probe:
        call.kind, call.options, call.operands = Kind.PROBE, tuple(words[:index]), tuple(words[index:])
        return call
    letters: set[str] = set()
    index = _bundles(words, index, call, letters)
    call.options, call.operands = tuple(words[:index]), tuple(words[index:])
    _operands(call, letters, called, terminal)
    return call


def _long_options(words: Sequence[str], call: ShellCall, *, single_dash: bool) -> tuple[int, bool]:
    """The index after the long options, and whether one of them only asks what the shell is."""
    index, probe = 0, False
    while index < len(words) and words[index][:1] == "-":
        word = words[index]
        double = word.startswith("--")
        name = word[2:] if double else word[1:]
        if name not in _LONG:
            if double and name:
                raise UnknownOption(word)
            break  # letters, or the end of the options
        if not double and not single_dash:
            raise UnknownOption(word)  # other shells that are called sh read these as letters
        index += 1
        if name in WITH_FILE:
            if index == len(words):
                raise ShellArgumentError(word, f"the shell option {word} needs a file")
            call.rcfile = words[index]
            index += 1
        probe |= name in _PROBES
        _note_long(name, call)
    return index, probe


def _note_long(name: str, call: ShellCall) -> None:
    match name:
        case "login":
            call.login = True
        case "norc":
            call.norc = True
        case "noprofile":
            call.noprofile = True
        case "posix" | "verbose":
            call.settings[name] = True
        case "restricted":
            call.restricted = True
        case "debugger":
            call.debugger = True
        case "dump-strings" | "dump-po-strings":
            call.noexec = True


def _bundles(words: Sequence[str], index: int, call: ShellCall, letters: set[str]) -> int:
    """The index after the bundles of letters. ``letters`` collects those that are more than settings."""
    while index < len(words) and words[index][:1] in ("-", "+"):
        word = words[index]
        index += 1
        if word in ("-", "--"):
            break
        sign, on = word[0], word[0] == "-"
        for letter in word[1:]:
            if letter in "oO":
                index = _named(words, index, letter, on, call)
            elif letter in "clsD":
                letters.add(letter)  # bash does not ask for the sign of these
            elif letter == "i":
                call.interactive = on
            elif letter == "r":
                if call.restricted and not on:
                    raise UnknownOption("+r")
                call.restricted |= on
            elif letter in LETTERS:
                call.settings[LETTERS[letter]] = on
            else:
                raise UnknownOption(sign + letter)
    return index


def _named(words: Sequence[str], index: int, letter: str, on: bool, call: ShellCall) -> int:
    """Take the value of an ``o`` or ``O`` from ``words[index]``; the index after it."""
    if index >= len(words):
        call.listing = True
        return index
    name = words[index]
    known, target = (SET_NAMES, call.settings) if letter == "o" else (SHOPT_NAMES, call.shopts)
    if name not in known:
        raise UnknownOption(f"{'-' if on else '+'}{letter} {name}")
    target[name] = on
    return index + 1


def _operands(call: ShellCall, letters: set[str], called: str, terminal: bool) -> None:
    """What the words after the options are."""
    call.login |= "l" in letters
    call.name = called
    operands = call.operands
    if "c" in letters:
        if not operands:
            raise ShellArgumentError("-c", "the shell option -c needs a text")
        call.kind, call.text = Kind.TEXT, operands[0]
        call.name, call.arguments = (operands[1], operands[2:]) if len(operands) > 1 else (called, ())
    elif operands and "s" not in letters:
        call.kind, call.script = Kind.FILE, operands[0]
        call.name, call.arguments = operands[0], operands[1:]
    else:
        call.interactive |= terminal
        call.kind = Kind.INTERACTIVE if call.interactive else Kind.STDIN
        call.arguments = operands
    noexec = call.noexec or "D" in letters or call.settings.get("noexec", False)
    call.noexec = noexec and not call.interactive
