"""What program code does, told in the words of the shell: the common floor of the readers of other languages.

A reader evaluates its language as far as it can into *things* and calls the methods of ``Actions``. Where a command
says the same (``requests.delete(url)`` is ``curl -X DELETE url``), the command is named, so that its own adapter and
rules judge it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from agentguard import regex
from agentguard.interpret.invocation import Effect, InnerCommand, InnerScript, Invocation, Written
from agentguard.interpret.values import Origin, Truth, Unknown, Value, concat, literal, unknown
from agentguard.light import dataclass, field, replace
from agentguard.operations import (
    CodeExecution,
    Database,
    DeviceWrite,
    FileDelete,
    FileMove,
    FileOverwrite,
    FileRead,
    Opaque,
    PermissionChange,
)
from agentguard.programs.contract import absolute
from agentguard.programs.streams import join, provenance, readable
from agentguard.world.protocol import World

#: More effects of one program text than this are not looked at.
MAX_EFFECTS = 400
#: Program text longer than this is not read.
MAX_CODE = 131_072


@dataclass(frozen=True, slots=True)
class Items:
    """A list or tuple. ``open``: it may hold more than is known."""

    values: tuple[Thing, ...]
    open: bool = False


@dataclass(frozen=True, slots=True)
class Fields:
    """A dictionary, object or set of keyword arguments."""

    entries: Mapping[str, Thing] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Dotted:
    """A module, function or object known by its full name: ``os.path.join``. ``of`` is what it was made with."""

    name: str
    of: tuple[Thing, ...] = ()


#: What an expression is worth: text, a list, a dictionary, something with a name, or nothing that is known.
Thing = Value | Items | Fields | Dotted | None


#: The environment as one object: its names with their values.
_ENVIRONMENT = regex.compile(
    r"(?:os\.environb?|process\.env|ENV|\$_ENV|%ENV|Deno\.env|Bun\.env|getenv\(\)|System\.getenv\(\))"
    r"(?:\.(?:copy|items|toObject|to_h|to_hash|to_a|inspect|to_json)(?:\(\))?)*"
)


def environment(thing: Thing) -> Value | None:
    """The text of the whole environment, where a thing is that."""
    if isinstance(thing, Dotted) and _ENVIRONMENT.fullmatch(thing.name):
        return unknown(Origin.VARIABLE, "the whole environment", many=True, sources=("env:*",))
    return None


def text(thing: Thing, detail: str = "") -> Value:
    """A thing as text."""
    return thing if isinstance(thing, Value) else environment(thing) or unknown(Origin.EXPANSION, detail)


def texts(thing: Thing) -> tuple[Value, ...]:
    """A list of words; a single text is one word."""
    if isinstance(thing, Items):
        words = tuple(text(value) for value in thing.values)
        return (*words, unknown(Origin.EXPANSION, many=True)) if thing.open else words
    return (text(thing),)


def json_text(thing: Thing) -> Value:
    """A thing as JSON, unknown pieces in their places."""
    if isinstance(thing, Value):
        known = thing.known
        if known is not None:
            import json

            return Value((json.dumps(known),), thing.sources)
        return concat((literal('"'), thing, literal('"')))
    if isinstance(thing, Items):
        return concat((literal("["), join(map(json_text, thing.values), ", "), literal("]")))
    if isinstance(thing, Fields):
        parts = [concat((json_text(literal(key)), literal(": "), json_text(v))) for key, v in thing.entries.items()]
        return concat((literal("{"), join(parts, ", "), literal("}")))
    return environment(thing) or unknown(Origin.EXPANSION, "json")


def form_text(thing: Thing) -> Value:
    """A dictionary as a form body; text as it is."""
    if isinstance(thing, Fields):
        return join((concat((literal(f"{key}="), text(value))) for key, value in thing.entries.items()), "&")
    return text(thing)


class Actions:
    """Collects the effects of one program text."""

    def __init__(self, language: str, invocation: Invocation, world: World) -> None:
        self.language = language
        self.invocation = invocation
        self.world = world
        self.effects: list[Effect] = []
        #: where the last raw connection goes: host and port
        self.peer: Thing = None

    def add(self, effect: Effect) -> None:
        if len(self.effects) < MAX_EFFECTS and effect not in self.effects:
            self.effects.append(effect)

    def chdir(self, path: Thing) -> None:
        """The program changes its working directory; what follows is seen from there."""
        moved = self.path(path) if _named(path) else unknown(Origin.EXPANSION, "directory")
        self.invocation = replace(self.invocation, cwd=moved)

    # ------------------------------------------------------------------------------------ programs

    def shell(self, code: Thing, name: str, *, stdin: Thing = None, cwd: Thing = None) -> None:
        """Text for a shell."""
        value = text(code)
        origin = provenance(value)
        if origin and (origin == "decoded" or not readable(value)):
            self.add(CodeExecution(origin, self.language))
        if not readable(value):
            self.add(Opaque(f"{name} runs a command that is known only when it runs"))
        elif value.pieces:
            self.add(InnerScript(value, f"{self.language} {name}", cwd=self._cwd(cwd), stdin=self._stdin(stdin)))

    def command(self, words: Thing, name: str, *, stdin: Thing = None, cwd: Thing = None) -> None:
        """A program with its words."""
        argv = texts(words) if words is not None else ()
        if not argv or not argv[0].pieces:
            self.add(Opaque(f"{name} runs a program that is known only when it runs"))
            return
        self.add(InnerCommand(argv, f"{self.language} {name}", cwd=self._cwd(cwd), stdin=self._stdin(stdin)))

    def tool(self, *words: str | Value, name: str) -> None:
        """A command that says what the code does."""
        argv = tuple(literal(word) if isinstance(word, str) else word for word in words)
        self.add(InnerCommand(argv, f"{self.language} {name}", cwd=self.invocation.cwd))

    def _cwd(self, thing: Thing) -> Value | None:
        return absolute(thing, self.invocation) if isinstance(thing, Value) else self.invocation.cwd

    def _stdin(self, thing: Thing) -> Value:
        return thing if isinstance(thing, Value) else unknown(Origin.INPUT, many=True)

    def runs(self, code: Thing, name: str) -> None:
        """Code in the same language that cannot be read."""
        origin = provenance(code) if isinstance(code, Value) else ""
        self.add(
            CodeExecution(origin, self.language) if origin else Opaque(f"{name} runs code that cannot be read here")
        )

    def hidden(self, why: str) -> None:
        """Something is dressed up so that it cannot be read: a person should look."""
        self.add(Opaque(why, Truth.MAYBE))

    def opaque(self, why: str) -> None:
        self.add(Opaque(why))

    # --------------------------------------------------------------------------------------- files

    def path(self, thing: Thing) -> Value:
        return absolute(text(thing, "path"), self.invocation)

    def delete(self, path: Thing, *, recursive: bool = False, only: str = "") -> None:
        for one in path.values if isinstance(path, Items) else (path,):
            if not _named(one):
                self.opaque("deletes something whose path is known only when it runs")
            else:
                self.add(FileDelete(self.path(one), recursive, only))

    def overwrite(self, path: Thing, *, append: bool = False, content: Thing = None) -> None:
        if not _named(path):
            return
        where = self.path(path)
        if _DEVICE.match(where.prefix):
            self.add(DeviceWrite(where))
            return
        known = content.known if isinstance(content, Value) else None
        self.add(FileOverwrite(where, append, replaces=not append and known is not None and not known.strip()))
        self.add(Written(where, content if isinstance(content, Value) else None, append))

    def read(self, path: Thing) -> None:
        if _named(path):
            self.add(FileRead(self.path(path)))

    def move(self, source: Thing, target: Thing) -> None:
        if not _named(source) or not _named(target):
            self.opaque("moves something whose path is known only when it runs")
            return
        self.add(FileMove(self.path(source), self.path(target)))

    def copy(self, source: Thing, target: Thing) -> None:
        self.read(source)
        if _named(target):
            self.add(FileOverwrite(self.path(target)))

    def permissions(self, path: Thing, mode: str, *, recursive: bool = False) -> None:
        if _named(path):
            self.add(PermissionChange(self.path(path), mode, recursive))

    # --------------------------------------------------------------------------------- network, data

    def request(self, method: Thing, url: Thing, name: str, *, headers: Thing = None, body: Thing = None,
                query: Thing = None) -> None:  # fmt: skip
        """An HTTP request, told as curl. A method that is not known is one word with an unknown piece."""
        address = text(url, "url")
        if not any(isinstance(piece, str) for piece in address.pieces):
            self.opaque(f"{name} asks a host that is known only when it runs")
            return
        if isinstance(query, Fields) and query.entries:
            glue = "&" if "?" in str(address) else "?"
            address = concat((address, literal(glue), form_text(query)))
        words: list[Value] = [literal("curl"), literal("-X"), self._method(method)]
        if isinstance(headers, Fields):
            for key, value in headers.entries.items():
                words += [literal("-H"), concat((literal(f"{key}: "), text(value)))]
        elif headers is not None:
            words += [literal("-H"), unknown(Origin.EXPANSION, "headers")]
        if body is not None:
            words += [literal("--data-raw"), text(body)]
        self.add(InnerCommand((*words, literal("--"), address), f"{self.language} {name}"))

    def _method(self, method: Thing) -> Value:
        known = method.known if isinstance(method, Value) else None
        return literal(known.upper()) if known is not None else text(method, "method")

    def sql(self, statement: Thing, engine: str, name: str, target: Thing = None) -> None:
        """A statement sent to a database, told as the client of that engine where there is one."""
        if not isinstance(statement, Value) or not _looks_like_sql(statement):
            return
        where = target if isinstance(target, Value) else None
        if engine == "sqlite":
            self.tool("sqlite3", where if where is not None else ":memory:", statement, name=name)
        elif engine == "postgres" and where is not None and where.pieces:
            self.tool("psql", where, "-c", statement, name=name)
        elif engine == "postgres" and isinstance(target, Fields):
            self.tool("psql", *_options(target, "-h", "-p", "-U", "-d"), "-c", statement, name=name)
        elif engine == "mysql" and isinstance(target, Fields):
            self.tool("mysql", *_options(target, "-h", "-P", "-u", "-D"), "-e", statement, name=name)
        elif engine in ("postgres", "mysql") and target is None:
            self.tool(*(("psql", "-c") if engine == "postgres" else ("mysql", "-e")), statement, name=name)
        else:
            from agentguard.programs.sql import statements

            for found in statements(statement, Database(engine)):
                self.add(found)


#: Raw devices; the rest below /dev are streams and scratch space.
_DEVICE = regex.compile(r"/dev/(?!null|zero|full|tty|std(?:in|out|err)|fd/|shm/|pts/|u?random|console|log)")


def _named(path: Thing) -> bool:
    """Whether anything is known of a path."""
    return isinstance(path, Value) and any(not isinstance(piece, Unknown) for piece in path.pieces)


_SQL = regex.compile(
    r"\s*(?:/\*.*?\*/\s*|--[^\n]*\n\s*)*(?:drop|truncate|delete|update|insert|alter|create|replace|grant|revoke|merge|"
    r"with|select|do|begin|call|vacuum|set|use|copy|exec|explain|reset|attach|detach|pragma|optimize|kill|rename)\b",
    re.IGNORECASE | re.DOTALL,
)


def _looks_like_sql(statement: Value) -> bool:
    first = statement.pieces[0] if statement.pieces else ""
    return isinstance(first, Unknown) or _SQL.match(statement.prefix) is not None


def _options(target: Fields, host: str, port: str, user: str, name: str) -> Iterable[Value]:
    spelled = {"host": host, "server": host, "hostname": host, "port": port, "user": user, "username": user,
               "dbname": name, "database": name, "db": name}  # fmt: skip
    for key, value in target.entries.items():
        if key in spelled and isinstance(value, Value):
            yield literal(spelled[key])
            yield value
