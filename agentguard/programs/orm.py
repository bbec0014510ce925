"""Frameworks whose commands are started through an interpreter: ``python manage.py``, ``php artisan``, ``sail``.

Their option tables and rules are in rules/orm.toml; here the words only find the right program.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from agentguard import regex
from agentguard.interpret.invocation import Effect, InnerCommand, Invocation, Output
from agentguard.interpret.values import Value, literal
from agentguard.operations import Database, Opaque, ProgramCall
from agentguard.programs.databases import read
from agentguard.programs.sql_session import Session
from agentguard.world.protocol import World

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

#: scripts that have an option table of their own
SCRIPTS: Final = frozenset(("manage.py", "artisan", "django-admin.py", "console", "rails", "rake", "ace", "occ"))
_MODULES: Final = frozenset(
    ("django", "alembic", "flask", "aerich", "yoyo", "celery", "piccolo", "prisma", "sqlfluff", "pgcli", "mycli")
)
#: tasks that Rails brings
_BUILT_IN: Final = regex.compile(
    r"(?:db|assets|log|tmp|test|routes|stats|notes|zeitwerk|middleware|time|yarn|cache|webpacker"
    r"|active_storage|action_\w+|credentials|encrypted|dev|secret|turbo|stimulus|importmap|tailwindcss|css|javascript):"
    r"|app:(?:template|update)"
)
#: program → sub-command that is given code → the interpreter of that code, with the option that takes it
_RUNS: Final = {
    "rails": {"runner": ("ruby", "-e"), "r": ("ruby", "-e")},
    "artisan": {"tinker": ("php", "-r")},
    "mix": {"run": ("elixir", "-e"), "eval": ("elixir", "-e")},
}
_MODULE_NAMES: Final = {"django": "django-admin"}


def launched(call: ProgramCall, invocation: Invocation, world: World) -> Iterator[Effect]:
    """``python manage.py flush`` → ``manage.py flush``; ``python -m alembic …`` → ``alembic …``."""
    words = list(invocation.argv[1:])
    while words:
        known = words[0].known
        if known == "-m" and len(words) > 1 and words[1].known in _MODULES:
            name = words[1].known or ""
            yield InnerCommand((literal(_MODULE_NAMES.get(name, name)), *words[2:]), call.program)
            return
        if known is None or not known.startswith("-"):
            break
        words.pop(0)
    if words and words[0].known is not None and words[0].known.rsplit("/", 1)[-1] in SCRIPTS:
        yield InnerCommand((literal(words[0].known.rsplit("/", 1)[-1]), *words[1:]), call.program)


def container(call: ProgramCall, invocation: Invocation, world: World) -> Iterator[Effect]:
    """sail, lando, ddev: the command runs in the project's own container."""
    words = list(invocation.argv[1:])
    if words and words[0].known in ("php", "exec", "run", "shell", "ssh"):
        words = words[1:]
    if words and words[0].known is not None and not words[0].known.startswith("-"):
        if words[0].known == "art":
            words[0] = literal("artisan")
        yield InnerCommand(tuple(words), call.program, place=f"service {call.program}", clear_env=True)


def console(call: ProgramCall, invocation: Invocation, world: World) -> Iterator[Effect]:
    """``rails dbconsole``, ``manage.py dbshell``: SQL on standard input or after ``--``; other code is not read."""
    words = [*map(literal, call.subcommand), *call.operands]
    first = words[0].known if words else ""
    if first in ("dbconsole", "db", "dbshell"):
        texts: list[Value] = []
        texts += call.values("--command")
        for index, word in enumerate(words[:-1]):
            if word.known in ("-c", "-e", "--command", "--execute"):
                texts.append(words[index + 1])
        if not texts and invocation.stdin is not None:
            texts.append(invocation.stdin)
        session = Session(invocation, world, f"{call.program} {first}", Database("sql"))
        for text in texts:
            read(session, text)
        yield from session.finish()
    elif call.program == "rails" and ":" in (first or "") and not _BUILT_IN.match(first or ""):
        yield Opaque(f"what the task {first} of the project does is not read here")
    elif first == "sqlflush":
        yield Output(literal("TRUNCATE every_table;"))
    elif first in _RUNS.get(call.program, {}):
        program, option = _RUNS[call.program][first or ""]
        for text in (*call.values("-e", "--eval", "--execute"), *words[1:2]):
            given = (text,) if re.search(r"\.(?:rb|php|exs?)$", str(text)) else (literal(option), text)
            yield InnerCommand((literal(program), *given), f"{call.program} {first}")
    elif first in ("shell", "shell_plus", "console", "c", "runner", "r", "tinker"):
        if call.program in ("manage.py", "flask"):
            from agentguard.programs.interpreters import LANGUAGES, run

            for text in call.values("--command") or (() if invocation.stdin is None else (invocation.stdin,)):
                yield from run(LANGUAGES["python"], text, invocation, world, ())
        yield Opaque(f"what the code given to {call.program} {first} does cannot be seen from here")


def query(call: ProgramCall, invocation: Invocation, world: World) -> Iterator[Effect]:
    """``wp db query TEXT``, ``drush sql:query TEXT``: SQL as an operand or on standard input."""
    path = " ".join((*call.subcommand, *(operand.known or "" for operand in call.operands[:2])))
    if not re.match(r"db (?:query|cli)|sql[:-](?:query|cli)|sqlq|dbal:run-sql|doctrine:query:sql", path):
        return
    session = Session(invocation, world, call.program, Database("mysql"))
    texts = [o for o in call.operands if " " in str(o)] or ([invocation.stdin] if invocation.stdin else [])
    for text in texts:
        read(session, text)
    yield from session.finish()
