"""Python expressions as far as they can be known: constants, names, string building, paths and their methods."""

from __future__ import annotations

import ast
import base64
import binascii
import codecs
import posixpath
import re
import shlex
from collections.abc import Callable, Sequence

from agentguard import regex
from agentguard.interpret.values import EMPTY, Origin, Pattern, Unknown, Value, concat, literal, quoted, unknown
from agentguard.light import replace
from agentguard.programs.actions import Dotted, Fields, Items, Thing, environment, json_text, text
from agentguard.programs.streams import cut, mapped

#: Stands in program text for a piece that only running would tell.
HOLE = regex.compile(r"_ag(\d+)_")


def pierced(code: Value) -> tuple[str, list[Value]]:
    """The text with a made-up name for each unknown piece, and those pieces in order."""
    out: list[str] = []
    holes: list[Value] = []
    for piece in code.pieces:
        if isinstance(piece, str):
            out.append(piece)
        elif isinstance(piece, Pattern):
            out.append(piece.text)
        else:
            out.append(f"_ag{len(holes)}_")
            holes.append(Value((piece,), code.sources))
    return "".join(out), holes


def filled(string: str, holes: Sequence[Value]) -> Value:
    """A string constant with the holes put back."""
    if not holes or "_ag" not in string:
        return literal(string)
    parts: list[Value] = []
    end = 0
    for match in HOLE.finditer(string):
        parts.append(literal(string[end : match.start()]))
        index = int(match[1])
        parts.append(holes[index] if index < len(holes) else literal(match[0]))
        end = match.end()
    return concat([*parts, literal(string[end:])])


# ------------------------------------------------------------------------------------- operators


def added(left: Thing, right: Thing) -> Thing:
    if isinstance(left, Value) and isinstance(right, Value):
        return concat((left, right))
    if isinstance(left, Items) and isinstance(right, Items):
        return Items(left.values + right.values, left.open or right.open)
    if isinstance(left, Items):
        return Items(left.values, open=True)
    if isinstance(left, Value) or isinstance(right, Value):
        return concat((text(left), text(right)))
    return None


_PERCENT = regex.compile(r"%(?:\((\w+)\))?[-+ #0]*\d*(?:\.\d+)?([a-zA-Z%])")


def formatted(template: Value, arguments: Thing) -> Value:
    """``template % arguments``."""
    given = list(arguments.values) if isinstance(arguments, Items) else [arguments]
    named = arguments.entries if isinstance(arguments, Fields) else {}

    def one(match: re.Match[str]) -> Value:
        if match[2] == "%":
            return literal("%")
        if match[1]:
            return text(named.get(match[1]), match[1])
        return text(given.pop(0) if given else None)

    return _substituted(template, _PERCENT, one)


_BRACES = regex.compile(r"\{\{|\}\}|\{([^{}:!]*)(?:![rsa])?(?::[^{}]*)?\}")


def formatted_braces(template: Value, arguments: Sequence[Thing], named: Fields) -> Value:
    """``template.format(…)``."""
    given = iter(arguments)

    def one(match: re.Match[str]) -> Value:
        if match[0] in ("{{", "}}"):
            return literal(match[0][0])
        name = match[1] or ""
        if not name:
            return text(next(given, None))
        if name.isdigit():
            return text(arguments[int(name)] if int(name) < len(arguments) else None)
        return text(named.entries.get(name), name)

    return _substituted(template, _BRACES, one)


def _substituted(template: Value, pattern: re.Pattern[str], one: Callable[[re.Match[str]], Value]) -> Value:
    parts: list[Value] = []
    for piece in template.pieces:
        if not isinstance(piece, str):
            parts.append(Value((piece,), template.sources))
            continue
        end = 0
        for match in pattern.finditer(piece):
            parts += [literal(piece[end : match.start()]), one(match)]
            end = match.end()
        parts.append(literal(piece[end:]))
    result = concat(parts)
    return replace(result, sources=result.sources | template.sources)


def joined_path(parts: Sequence[Thing]) -> Value:
    """``os.path.join`` and ``/`` on paths: an absolute part starts again."""
    result = EMPTY
    for part in parts:
        value = text(part, "path")
        if value.prefix.startswith("/") or not result.pieces:
            result = value
        else:
            ends = isinstance(result.pieces[-1], str) and result.pieces[-1].endswith("/")
            result = concat((result, literal("" if ends else "/"), value))
    return result


def expanded(value: Value, home: str) -> Value:
    """``expanduser``."""
    if value.prefix == "~" or value.prefix.startswith("~/"):
        return concat((literal(home), cut(value, 1)))
    return value


def part_of(value: Value, index: Thing) -> Thing:
    """A subscript or slice of text: only what is known."""
    known = value.known
    number = index.known if isinstance(index, Value) else None
    if known is None or number is None or not re.fullmatch(r"-?\d{1,6}", number):
        return Value((Unknown(Origin.EXPANSION, "part of a text"),), value.sources)
    try:
        return literal(known[int(number)], *value.sources)
    except IndexError:
        return None


def sliced(value: Thing, node: ast.Slice) -> Thing:
    bounds = []
    for part in (node.lower, node.upper, node.step):
        found: int | None = None
        if isinstance(part, ast.UnaryOp) and isinstance(part.op, ast.USub) and isinstance(part.operand, ast.Constant):
            found = -part.operand.value if isinstance(part.operand.value, int) else None
        elif isinstance(part, ast.Constant) and isinstance(part.value, int):
            found = part.value
        elif part is not None:
            return None if not isinstance(value, Items) else Items(value.values, open=True)
        bounds.append(found)
    if isinstance(value, Items):
        return Items(value.values[slice(*bounds)], value.open) if bounds[2] != 0 else value
    if isinstance(value, Value):
        known = value.known
        if known is None or bounds[2] == 0:
            return Value((Unknown(Origin.EXPANSION, "part of a text"),), value.sources)
        return literal(known[slice(*bounds)], *value.sources)
    return None


# --------------------------------------------------------------------------------- methods of text


def decoded(data: Thing, how: str) -> Value:
    """base64, hex … decoded; tagged so that running it is noticed."""
    value = text(data)
    known = value.known
    if known is not None:
        try:
            if how == "hex":
                raw = bytes.fromhex(re.sub(r"\s|:", "", known))
            elif how == "base32":
                raw = base64.b32decode(known)
            elif how == "base85":
                raw = base64.b85decode(known)
            else:
                kept = re.sub(r"[^A-Za-z0-9+/]", "", known.replace("-", "+").replace("_", "/"))
                raw = base64.b64decode(kept + "=" * (-len(kept) % 4))
        except (ValueError, binascii.Error):
            return unknown(Origin.EXPANSION, how, sources=(*value.sources, "decoded"))
        return literal(raw.decode("utf-8", "surrogateescape"), *value.sources, "decoded")
    return unknown(Origin.EXPANSION, how, sources=(*value.sources, "decoded"))


def text_method(name: str, value: Value, args: Sequence[Thing], named: Fields, home: str) -> Thing:
    """A method or attribute of a text or path that gives another one; None where nothing is known."""
    known = value.known
    first = args[0] if args else None
    if name in ("encode", "decode", "as_posix", "resolve", "absolute", "strip", "rstrip", "lstrip", "fspath"):
        if name == "decode" and isinstance(first, Value) and first.known in ("hex", "base64", "rot13", "rot_13"):
            return recoded(value, first)
        if name.endswith("strip"):
            return mapped(value, str.strip) if known is not None and not args else value
        return value
    if name == "format":
        return formatted_braces(value, args, named)
    if name == "join":
        if isinstance(first, Items):
            parts = [text(item) for item in first.values]
            result = concat([p for item in parts for p in (value, item)][1:])
            return concat((result, unknown(Origin.EXPANSION, many=True))) if first.open else result
        return unknown(Origin.EXPANSION, "join")
    if name in ("expanduser",):
        return expanded(value, home)
    if name in ("joinpath", "with_name"):
        base = value if name == "joinpath" else text_method("parent", value, (), named, home)
        return joined_path([base, *args])
    if name in ("parent", "dirname"):
        return literal(posixpath.dirname(known.rstrip("/")) or ".") if known is not None else _shorter(value)
    if name in ("name", "stem"):
        if known is None:
            return Value((Unknown(Origin.EXPANSION, "name", path_safe=True),))
        base_name = posixpath.basename(known.rstrip("/"))
        return literal(base_name if name == "name" else posixpath.splitext(base_name)[0])
    if name in ("upper", "lower", "title", "swapcase", "capitalize", "casefold"):
        return mapped(value, getattr(str, name))
    if name == "replace" and len(args) >= 2 and all(isinstance(a, Value) and a.known is not None for a in args[:2]):
        old, new = (text(a).known or "" for a in args[:2])
        return mapped(value, lambda s: s.replace(old, new)) if old else value
    if name in ("split", "rsplit", "splitlines") and known is not None:
        separator = first.known if isinstance(first, Value) else None
        parts_of = known.splitlines() if name == "splitlines" else known.split(separator or None)
        return Items(tuple(literal(part, *value.sources) for part in parts_of))
    if name in ("zfill", "ljust", "rjust", "center", "removeprefix", "removesuffix", "translate", "with_suffix"):
        return value
    if name in ("split", "rsplit", "splitlines"):
        return Items((Value((Unknown(Origin.EXPANSION, "part", many=True),), value.sources),), open=True)
    if name == "hex" and known is not None:
        return literal(known.encode("utf-8", "surrogateescape").hex())
    return None


def _shorter(value: Value) -> Value:
    last = value.pieces[-1]
    if isinstance(last, str) and "/" in last:
        return Value((*value.pieces[:-1], *((last.rpartition("/")[0],) if last.rpartition("/")[0] else ())))
    if len(value.pieces) == 2 and value.prefix.endswith("/") and getattr(last, "path_safe", False):
        return literal(value.prefix.rstrip("/") or "/")
    return unknown(Origin.EXPANSION, "a directory above")


def recoded(value: Thing, codec: Thing) -> Thing:
    """``codecs.decode(value, codec)``."""
    name = text(codec).known or ""
    if name.replace("_", "") in ("hex", "base64"):
        return decoded(value, name.replace("_", ""))
    known = text(value).known
    if name.replace("_", "") == "rot13" and known is not None:
        return literal(codecs.decode(known, "rot13"), *text(value).sources, "decoded")
    return unknown(Origin.EXPANSION, name, sources=(*text(value).sources, "decoded"))


def pure_call(name: str, args: Sequence[Thing], named: Fields, home: str, cwd: Value) -> Thing:
    """Functions that only compute; None where the name is another or nothing is known."""
    first = args[0] if args else None
    if name in ("os.path.join", "pathlib.Path", "pathlib.PurePath", "pathlib.PosixPath", "Path"):
        return joined_path(args) if args else literal(".")
    if name in ("os.path.expanduser", "os.path.expandvars"):
        value = expanded(text(first), home)
        return mapped(value, lambda s: re.sub(r"\$\{?HOME\}?", home, s)) if name.endswith("vars") else value
    if name in ("pathlib.Path.home", "Path.home"):
        return literal(home)
    if name in ("os.getcwd", "pathlib.Path.cwd", "Path.cwd"):
        return cwd
    if name in ("os.path.abspath", "os.path.realpath", "os.path.normpath", "os.fspath", "os.fsencode", "os.fsdecode"):
        value = text(first)
        known = value.known
        return literal(posixpath.normpath(known), *value.sources) if known else value
    if name in ("os.path.dirname", "os.path.basename"):
        return text_method("parent" if name.endswith("dirname") else "name", text(first), (), named, home)
    if name in ("str", "bytes", "bytearray", "sqlalchemy.text", "shlex.quote", "int", "memoryview", "repr",
                "textwrap.dedent", "psycopg.sql.SQL", "psycopg2.sql.SQL", "urllib.parse.quote"):  # fmt: skip
        if name in ("bytes", "bytearray") and isinstance(first, Items):
            return _characters(first)
        return first if isinstance(first, Value) else environment(first) or unknown(Origin.EXPANSION, name)
    if name in ("dict", "copy.copy", "copy.deepcopy") and (isinstance(first, Fields) or environment(first)):
        return first
    if name in ("list", "tuple", "sorted", "set", "frozenset", "iter", "len") and environment(first):
        return None  # names without values
    if name in ("list", "tuple", "sorted", "set", "reversed", "iter"):
        return first if name != "reversed" or not isinstance(first, Items) else Items(first.values[::-1], first.open)
    if name == "chr":
        known = text(first).known
        return literal(chr(int(known))) if known is not None and known.isdigit() and int(known) < 0x110000 else None
    if name in ("map", "filter") and len(args) > 1:
        function, values = args[0], args[1]
        if isinstance(function, Dotted) and isinstance(values, Items):
            if name == "map" and function.name in ("chr", "str"):
                mapped_values = tuple(pure_call(function.name, (v,), named, home, cwd) for v in values.values)
                return Items(mapped_values, values.open)
        return Items((), open=True)
    if name == "range":
        numbers = [text(a).known or "" for a in args]
        if numbers and all(re.fullmatch(r"-?\d{1,4}", n) for n in numbers):
            bounds = [int(n) for n in numbers]
            if len(bounds) < 3 or bounds[2]:
                return Items(tuple(literal(str(n)) for n in range(*bounds)[:64]))
        return Items((unknown(Origin.LOOP, "range"),), open=True)
    if name in ("shlex.split",):
        known = text(first).known
        try:
            return Items(tuple(literal(word) for word in shlex.split(known))) if known is not None else None
        except ValueError:
            return None
    if name == "shlex.join" and isinstance(first, Items):
        from agentguard.programs.streams import join

        return join(quoted(text(v)) for v in first.values)
    if name == "json.dumps":
        return json_text(first)
    if name in ("base64.b64decode", "base64.standard_b64decode", "base64.urlsafe_b64decode", "base64.decodebytes",
                "binascii.a2b_base64"):  # fmt: skip
        return decoded(first, "base64")
    if name in ("bytes.fromhex", "bytearray.fromhex", "binascii.unhexlify", "binascii.a2b_hex"):
        return decoded(first, "hex")
    if name in ("base64.b32decode", "base64.b85decode", "base64.a85decode"):
        return decoded(first, "base32" if "32" in name else "base85")
    if name in ("zlib.decompress", "gzip.decompress", "bz2.decompress", "lzma.decompress", "marshal.loads"):
        return unknown(Origin.EXPANSION, name, sources=(*text(first).sources, "decoded"))
    if name == "codecs.decode":
        return recoded(first, args[1] if len(args) > 1 else named.entries.get("encoding"))
    if name in ("tempfile.mkdtemp", "tempfile.mktemp", "tempfile.mkstemp", "tempfile.gettempdir"):
        base = literal("/tmp") if "gettempdir" in name else None
        return base or Value(("/tmp/tmp", Unknown(Origin.EXPANSION, "tempfile", path_safe=True)))
    return None


def _characters(items: Items) -> Thing:
    codes = [text(v).known or "" for v in items.values]
    if items.open or not all(code.isdigit() and int(code) < 256 for code in codes):
        return None
    return literal(bytes(map(int, codes)).decode("utf-8", "surrogateescape"), "decoded")
