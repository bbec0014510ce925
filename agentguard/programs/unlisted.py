"""Programs that nothing describes as a wrapper, and that may be one all the same.

``TOOL -- COMMAND…``, ``TOOL exec NAME COMMAND…`` and ``TOOL --command TEXT`` are how hundreds of launchers are
written; nobody can list them. Where such words begin with a program that is known, they are read as that command.
A known program right behind an unknown one (``retry rm -rf x``) may as well be data: it carries the tag ``guessed``,
and only the worst findings count there.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise

from agentguard import regex
from agentguard.interpret.invocation import Effect, InnerCommand, InnerScript, Invocation
from agentguard.interpret.values import EMPTY, NOTHING, Value, literal
from agentguard.light import replace
from agentguard.operations import Database, ProgramCall
from agentguard.programs.streams import cut, words_of

GUESSED = "guessed"
#: the program that rules name for all those that are not described
UNLISTED = "unlisted program"

_SQL = regex.compile(
    r"(?is)\s*(?:drop\s+(?:table|database|schema|keyspace|view|index|user|role|collection|stream|topic)\b|truncate\s+\w"
    r"|delete\s+from\s+\w|alter\s+table\s+\S+\s+drop\b|update\s+\w+\s+set\b)"
)

_VERB = regex.compile(
    r"(?:\w+[:_-])*(?:exec|execute|run|run-command|ssh|shell|attach|spawn|lock|launch|submit"
    r"|invoke|enter)(?:-env|-file)?"
)
_TEXT = regex.compile(r"--?(?:exec|execute|command|cmd|run|shell-command|exec-command|wrap|c|e|x)")
#: Known programs whose names are far more often names of things.
_NAMES = frozenset(
    {"test", "time", "watch", "at", "[", ".", ":", "batch", "install", "service", "link", "type", "read"}
)
#: Programs of which all words are text to show or to look up.
_TALKERS = frozenset((
    "apropos", "banner", "cheat", "cowsay", "cowthink", "espeak", "espeak-ng", "explainshell", "figlet", "fuck",
    "howdoi", "jira", "jrnl", "kdialog", "logger", "lolcat", "notify-send", "remind", "say", "spd-say", "tldr", "todo",
    "todo.sh", "toilet", "wall", "whatis", "xmessage", "zenity", "tealdeer", "navi", "write", "gum", "glow", "thefuck",
    # searchers, formatters and those that answer questions
    "ast-grep", "semgrep", "comby", "sqlfmt", "sqlfluff", "pg_format", "sqlglot", "fzf", "sk", "llm", "sgpt", "mods",
    "aichat", "trans", "dict", "rga", "pcregrep", "pcre2grep", "ugrep", "ug", "sift", "vgrep", "csearch",
))  # fmt: skip
#: Programs with readers of their own, some sub-commands of which start a command elsewhere.
ALSO = frozenset({"fab", "gh", "heroku", "invoke", "netlify", "nox", "vercel"})
#: Programs that some table describes for other reasons, and that start the command in their words.
_STARTERS = frozenset({
    "summon", "tsp", "ts", "pueue", "gksudo", "kdesu", "pee", "mispipe", "setlock", "cronic", "pm2", "bsub",
    "qsub", "lima",
})  # fmt: skip
_FAR = 4  #: words between the verb and the command: the container, the context, the lock …

#: where the programs of the machine and of a project are
_PLACES = regex.compile(r"/(?:bin|usr|sbin)/|(?:\./)?(?:bin|vendor/bin|node_modules/\.bin|\.?venv/bin)/")

Described = Callable[[str], bool]


def started(call: ProgramCall, invocation: Invocation, described: Described, judged: bool) -> Iterator[Effect]:
    """The command that the words of ``call`` may start; ``described`` tells which names are known programs.

    Where a program's options are described and no rule is about it (not ``judged``), what it is told to destroy counts
    as it does for a program that is not described.
    """
    name = invocation.name or ""
    if name in _TALKERS:
        return
    words = call.operands
    argv = invocation.argv
    unlisted = not described(name)
    at = call.after_dashes
    if at is not None and words[at:] and is_program(words[at], described, every=True):
        yield InnerCommand(words[at:], f"{name} --")
        return
    verb = _verb(call, words)
    if verb is not None:
        for index in range(verb, min(verb + _FAR, len(words))):
            if is_program(words[index], described):
                yield InnerCommand(_from(words[index], argv), f"{name} …")
                return
            if index == len(words) - 1 and _is_text(words[index], described):
                yield InnerScript(words[index], f"{name} …")
                return
    for option, value in _texts(argv):
        if (unlisted or len(option) > 2) and _is_text(value, described):
            yield InnerScript(value, f"{name} {option}")
        elif unlisted and at is not None and is_program(value, described):
            yield InnerCommand((value, *words[at:]), f"{name} {option}")
    if not judged and not (unlisted and "/" in argv[0].prefix):
        yield replace(call, program=UNLISTED, operands=tuple(word for word in call.operands if word.known is not None))
        yield from _statements(call, invocation)
    if unlisted or name in _CODE:
        yield from _in_code(invocation, described)
    starter = name in _STARTERS
    if not unlisted and not starter:
        return
    for word in argv[1 : _FAR + 3]:
        if is_program(word, described):
            yield InnerCommand(_from(word, argv), f"{name} …", tags=NOTHING if starter else frozenset({GUESSED}))
            return
        if starter and _is_text(word, described):
            yield InnerScript(word, f"{name} …")


def _statements(call: ProgramCall, invocation: Invocation) -> Iterator[Effect]:
    """A whole statement given to a program that may be the client of some database."""
    values = (value for _, value in _pairs(invocation.argv))
    given = () if invocation.stdin is None else (invocation.stdin,)
    for text in dict.fromkeys((*call.operands, *values, *given)):
        if _SQL.match(text.prefix):
            from agentguard.programs.sql import statements

            yield from statements(text, Database("sql"))


_CODE = frozenset({"bb", "swift", "jshell"})  #: described for other reasons; ``-e`` takes program text
_EVALUATES = regex.compile(r"--?(?:e|c|r|eval|execute|expr|run)")
_RUNS = regex.compile(
    r"""(?:system|exec\w*|cmd|shell[\w-]*|\bsh|\brun[\w-]*|spawn\w*|popen|command)\b[\s(:.]*(?:in\s)?(?P<words>"[^"]+"[^")]*(?:"[^"]*"[^")]*)*)"""
    r"""|(?P<piped>"[^"]+")\s*\.!"""
)


def _in_code(invocation: Invocation, described: Described) -> Iterator[Effect]:
    """Shell text that a language nobody reads here hands to its ``system``: guessed, from the quoted words."""
    texts = [value for option, value in _pairs(invocation.argv) if _EVALUATES.fullmatch(option)]
    if invocation.name == "jshell" and invocation.stdin is not None:
        texts.append(invocation.stdin)
    for text in texts:
        for match in _RUNS.finditer(text.known or ""):
            words = " ".join(re.findall(r'"([^"]*)"', match["words"] or match["piped"]))
            if _is_text(literal(words), described):
                yield InnerScript(literal(words, *text.sources), f"{invocation.name} code", tags=frozenset({GUESSED}))


def _texts(argv: Sequence[Value]) -> Iterator[tuple[str, Value]]:
    """Options that often hold a command line, with their values."""
    return ((option, value) for option, value in _pairs(argv) if _TEXT.fullmatch(option))


def _pairs(argv: Sequence[Value]) -> Iterator[tuple[str, Value]]:
    """Every option with what is glued to it, or else with the next word."""
    for word, following in pairwise((*argv, EMPTY)):
        option = re.match(r"(-[\w-]+)[=:]?", word.prefix)
        if option:
            yield option[1], cut(word, option.end()) if option[0] != option[1] else following


def _from(word: Value, argv: Sequence[Value]) -> tuple[Value, ...]:
    """All words from one on, with what the table took for options."""
    return tuple(argv[next(index for index, other in enumerate(argv) if other is word) :])


def _verb(call: ProgramCall, words: Sequence[Value]) -> int | None:
    """Where the operands after a word like ``exec`` begin."""
    if any(_VERB.fullmatch(word) for word in call.subcommand):
        return 0
    for index, word in enumerate(words[:3]):
        if _VERB.fullmatch(word.known or ""):
            return index + 1
    return None


def is_program(word: Value, described: Described, *, every: bool = False) -> bool:
    known = word.known
    if not known or known.startswith("-") or " " in known:
        return False
    name = known.rsplit("/", 1)[-1]
    if "/" in known and not _PLACES.match(known):
        return False
    return described(name) and (every or name not in _NAMES)


def _is_text(word: Value, described: Described) -> bool:
    """Whether one word is a whole command line: it begins with a known program, and the parser can read it."""
    known = word.known
    if known is None or " " not in known:
        return False
    first = words_of(word)[:1]
    if not first or not is_program(first[0], described):
        return False
    from agentguard.syntax.errors import ShellSyntaxError
    from agentguard.syntax.parser import parse

    try:
        parse(known)
    except ShellSyntaxError:
        return False
    return True
