"""Calls of several languages that only compute: paths, environment, decoding, texts and lists."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Sequence

from agentguard.interpret.values import Origin, Unknown, Value, concat, literal, unknown
from agentguard.programs import python_values
from agentguard.programs.actions import Dotted, Fields, Items, Thing, json_text, text
from agentguard.programs.contract import environment, read_text
from agentguard.programs.python_calls import globbed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from agentguard.programs.code_reading import CodeReader


#: What holds the environment, as a map or object.
ENVIRONMENTS = frozenset(
    ("ENV", "process.env", "$ENV", "%ENV", "$_ENV", "$_SERVER", "Deno.env", "Bun.env", "import.meta.env")
)
#: Values that are read without parentheses.
PROPERTIES = frozenset(("Dir.home", "Dir.pwd", "Dir.tmpdir"))


def variable(reader: CodeReader, name: str | None) -> Thing:
    """A variable of the environment."""
    if not name:
        return None
    found = environment(name, reader.actions.invocation, reader.actions.world)
    if found is None:
        return unknown(Origin.VARIABLE, name, sources=(f"env:{name}",))
    return Value(found.pieces, found.sources | {f"env:{name}"})


def file_text(reader: CodeReader, path: Thing) -> Value:
    """The content of a file that the program reads."""
    if not isinstance(path, Value):
        return unknown(Origin.FILE)
    reader.actions.read(path)
    return read_text(reader.actions.path(path), reader.actions.invocation, reader.actions.world)


#: Calls that give their first argument back in another form.
_WRAPPING = frozenset((
    "String", "str", "Pathname.new", "Pathname", "File", "java.io.File", "Paths.get", "Path.of", "file", "URL",
    "URI", "URI.parse", "URI.join",
    "sprintf", "format", "promisify", "escapeshellarg", "Shellwords.escape",
))  # fmt: skip


def computed(reader: CodeReader, name: str, given: Sequence[Thing], owner: Thing) -> Thing:
    """Calls that only compute, under the names several languages give them."""
    last = re.split(r"\.|::|->", name)[-1]
    first = given[0] if given else None
    target = owner.of[0] if isinstance(owner, Dotted) and owner.of else None
    home = reader.actions.world.home
    if name in ("joinpath", "file.path", "path.join", "path.resolve", "File.join", "os.path.join", "path.posix.join"):
        return python_values.joined_path(list(given))
    if name in ("os.homedir", "Dir.home", "File.expand_path", "Deno.homeDir", "homedir"):
        if last == "expand_path":
            return python_values.expanded(text(first), home)
        return literal(home)
    if name in ("os.tmpdir", "Dir.tmpdir", "sys_get_temp_dir", "Dir.mktmpdir", "fs.mkdtempSync"):
        return Value(("/tmp/tmp", Unknown(Origin.EXPANSION, "temporary", path_safe=True)))
    if name in ("process.cwd", "Dir.pwd", "getcwd", "Deno.cwd"):
        return reader.actions.invocation.cwd
    if name in ("getenv", "ENV.fetch", "os.getenv", "Sys.getenv", "System.getenv", "Deno.env.get", "System.get_env"):
        return variable(reader, text(first).known)
    if name in ("JSON.stringify", "json_encode", "JSON.generate"):
        return json_text(first)
    if last in ("glob", "globSync", "sync") and "glob" in name and isinstance(first, Value):
        return Items((globbed(python_values.expanded(first, home)),), open=True)
    if name in _WRAPPING:
        if last in ("sprintf", "format") and isinstance(first, Value):
            return python_values.formatted(first, Items(tuple(given[1:])))
        return first
    if last in ("base64_decode", "decode64", "strict_decode64", "urlsafe_decode64", "decode_base64", "atob"):
        return python_values.decoded(first, "base64")
    if last in ("hex2bin", "fromhex"):
        return python_values.decoded(first, "hex")
    if name in ("Buffer.from", "Buffer"):
        how = text(given[1]).known if len(given) > 1 else ""
        return python_values.decoded(first, how) if how in ("base64", "hex", "base64url") else first
    if name in ("?.pack", "pack") and isinstance(target, Items) and target.values and text(first).prefix[:1] in "Hm":
        return python_values.decoded(target.values[0], "hex" if text(first).prefix[:1] == "H" else "base64")
    if name in ("?.unpack1", "?.unpack") and isinstance(target, Value) and text(first).prefix[:1] == "m":
        return python_values.decoded(target, "base64")
    if name == "pack" and len(given) > 1 and text(first).prefix.startswith("H"):
        return python_values.decoded(given[1], "hex")
    if name in ("String.fromCharCode", "chr", "pack"):
        codes = [text(code).known or "" for code in given]
        if codes and all(code.isdigit() and int(code) < 0x110000 for code in codes):
            return literal("".join(chr(int(code)) for code in codes), "decoded")
        return None
    if name in ("str_rot13", "strrev", "gzinflate", "gzuncompress"):
        known = text(first).known
        if name == "strrev" and known is not None:
            return literal(known[::-1])
        return python_values.recoded(first, literal("rot13")) if name == "str_rot13" else None
    if last in ("readFileSync", "readFile", "readTextFileSync", "readTextFile", "file_get_contents", "slurp"):
        return file_text(reader, first)
    if name in ("File.read", "IO.read", "File.readlines"):
        return file_text(reader, first)
    if name.startswith("?."):
        if target is None and isinstance(owner, Dotted):
            return None
        return method(reader, last, target, given)
    return None


def method(reader: CodeReader, name: str, target: Thing, given: Sequence[Thing]) -> Thing:
    """Methods of texts and lists."""
    first = given[0] if given else None
    if isinstance(target, Value):
        known = target.known
        if name in ("toString", "to_s", "trim", "strip", "chomp", "valueOf", "freeze", "to_str", "expanduser"):
            return target
        if name == "reverse" and known is not None:
            return literal(known[::-1], *target.sources)
        if name in ("split", "chars") and known is not None:
            separator = text(first).known if first is not None else None
            parts = list(known) if separator == "" or name == "chars" else known.split(separator or None)
            return Items(tuple(literal(part, *target.sources) for part in parts[:4096]))
        if name in ("concat",):
            return concat((target, *map(text, given)))
        if name in ("repeat",):
            return target
        if name in ("toLowerCase", "toUpperCase", "downcase", "upcase"):
            return python_values.text_method(
                "lower" if "own" in name or "Lower" in name else "upper", target, (), Fields(), ""
            )
        if name in ("replace", "replaceAll", "gsub", "sub"):
            return python_values.text_method("replace", target, given, Fields(), "")
        if name in ("join", "/", "+") and first is not None:
            return python_values.joined_path((target, first))
        if name in ("parent", "dirname"):
            return literal(posixpath.dirname(known)) if known is not None else None
        return None
    if isinstance(target, Items):
        if name == "join":
            glue = text(first) if first is not None else literal(",")
            parts_of = [text(value) for value in target.values]
            return concat([p for value in parts_of for p in (glue, value)][1:])
        if name == "reverse":
            return Items(target.values[::-1], target.open)
        if name == "concat":
            return Items((*target.values, *(first.values if isinstance(first, Items) else given)))
    return None
