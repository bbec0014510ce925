"""JavaScript, Ruby, Perl, PHP, Lua and smaller languages: how they are written, and the readers of their texts."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from agentguard import regex
from agentguard.interpret.invocation import Effect, Invocation
from agentguard.interpret.values import Value, literal
from agentguard.operations import ProcessBomb
from agentguard.programs import python_values
from agentguard.programs.actions import MAX_CODE, Actions
from agentguard.programs.code_kinds import endings, handle
from agentguard.programs.code_reading import CodeReader, Grammar
from agentguard.programs.lexing import Syntax
from agentguard.world.protocol import World

_C_BLOCK = (("/*", "*/"),)
_BOTH = {"'": "", '"': ""}
_PERL_QUOTES = {"'": "", '"': "perl"}
_RUBY_QUOTES = {"'": "", '"': "ruby"}

_SYNTAX = {
    "node": Syntax(("//",), _C_BLOCK, _BOTH, "text", regex=True),
    "ruby": Syntax(
        ("#",), (("=begin", "=end"),), _RUBY_QUOTES, "shell", "ruby", percent=True, regex=True, heredoc="<<"
    ),
    "perl": Syntax(
        ("#",), (("=pod", "=cut"),), _PERL_QUOTES, "shell", "perl", q=True, regex=True, heredoc="<<", concat=(".",)
    ),
    "php": Syntax(("//", "#"), _C_BLOCK, _PERL_QUOTES, "shell", "perl", heredoc="<<<", concat=(".",)),
    "lua": Syntax(("--",), (("--[[", "]]"),), long_brackets=True, concat=("..",)),
    "Rscript": Syntax(("#",)),
    "julia": Syntax(("#",), (("#=", "=#"),), {'"': "dollar"}, "text", "dollar", concat=("*",)),
    "groovy": Syntax(("//",), _C_BLOCK, {"'": "", '"': "js"}),
    "elixir": Syntax(("#",), (), _RUBY_QUOTES, concat=("<>",)),
}

#: Beginnings of JavaScript names → what they stand for.
_JS_ALIASES = {
    "node:": "", "fs/promises": "fs", "fs.promises": "fs", "fs-extra": "fs", "graceful-fs": "fs", "fs.default": "fs",
    "child_process.default": "child_process", "axios.default": "axios", "globalThis.": "", "window.": "", "global.": "",
    "process.mainModule.require": "require", "module.require": "require",
}  # fmt: skip

#: Calls that Ruby and Perl write without parentheses.
_RUBY_BARE = """system exec spawn puts print p eval rm_rf rm_r rm delete unlink remove_entry mv cp open load write sh
    require_relative popen capture2 capture2e capture3 rmtree remove_dir"""
_PERL_BARE = "system exec unlink rmdir rename open eval print say do require rmtree remove_tree chmod"
_REQUIRES = frozenset({"require", "import", "createRequire()"})

GRAMMARS = {
    "node": Grammar("node", _SYNTAX["node"], handle, requires=_REQUIRES, aliases=_JS_ALIASES),
    "ruby": Grammar(
        "ruby",
        _SYNTAX["ruby"],
        handle,
        bare=frozenset(_RUBY_BARE.split()),
        aliases={"Net::HTTP": "Net.HTTP", "Pathname.new()": "?"},
        endings=endings("ruby"),
    ),
    "perl": Grammar(
        "perl", _SYNTAX["perl"], handle, bare=frozenset(_PERL_BARE.split()), separators=("->", "::")
    ),
    "php": Grammar("php", _SYNTAX["php"], handle, bare=frozenset(("echo", "print")), separators=("->", "::", "?->")),
    "lua": Grammar(
        "lua", _SYNTAX["lua"], handle, bare=frozenset(("execute", "popen", "remove")), separators=(".", ":")
    ),
    "Rscript": Grammar("Rscript", _SYNTAX["Rscript"], handle),
    "julia": Grammar("julia", _SYNTAX["julia"], handle),
    "groovy": Grammar("groovy", _SYNTAX["groovy"], handle, bare=frozenset(("sh",))),
    "elixir": Grammar(
        "elixir", _SYNTAX["elixir"], handle, bare=frozenset(("rm_rf", "rm_rf!", "rm")), aliases={":": ""}
    ),
}


#: ``fork while 1``, ``while (1) { fork }``, ``loop { fork }``.
_FORKING = regex.compile(
    r"\b(?:pcntl_)?fork\b(?:\(\))?\s*(?:while|until)\s*\(?\s*(?:1|true|0|false)\b"
    r"|\b(?:while\s*\(?\s*(?:1|true)\s*\)?|loop|for\s*\(\s*;\s*;\s*\))\s*(?:do|\{)?\s*(?:pcntl_)?fork\b"
)


def _read(language: str, code: Value, invocation: Invocation, world: World) -> Iterable[Effect]:
    source, holes = python_values.pierced(code)
    actions = Actions(language, invocation, world)
    if len(source) > MAX_CODE:
        actions.opaque(f"a {language} program this long is not read")
        return actions.effects
    if _FORKING.search(source):
        actions.add(ProcessBomb("fork"))
    try:
        CodeReader(GRAMMARS[language], actions, holes).read(source)
    except RecursionError:
        actions.opaque(f"this {language} program is nested too deeply to follow")
    return actions.effects


def javascript(code: Value, invocation: Invocation, world: World, arguments: Sequence[Value] = ()) -> Iterable[Effect]:
    """JavaScript and TypeScript, also in deno and bun."""
    return _read("node", code, invocation, world)


def ruby(code: Value, invocation: Invocation, world: World, arguments: Sequence[Value] = ()) -> Iterable[Effect]:
    return _read("ruby", code, invocation, world)


def perl(code: Value, invocation: Invocation, world: World, arguments: Sequence[Value] = ()) -> Iterable[Effect]:
    return _read("perl", code, invocation, world)


def php(code: Value, invocation: Invocation, world: World, arguments: Sequence[Value] = ()) -> Iterable[Effect]:
    """PHP; in a file only what stands inside ``<?php … ?>``."""
    known = code.known
    if known is not None and "<?" in known:
        inside = re.findall(r"<\?(?:php|=)?(.*?)(?:\?>|\Z)", known, re.DOTALL)
        code = literal("\n".join(inside), *code.sources)
    return _read("php", code, invocation, world)


def lua(code: Value, invocation: Invocation, world: World, arguments: Sequence[Value] = ()) -> Iterable[Effect]:
    return _read("lua", code, invocation, world)


def r(code: Value, invocation: Invocation, world: World, arguments: Sequence[Value] = ()) -> Iterable[Effect]:
    return _read("Rscript", code, invocation, world)


def julia(code: Value, invocation: Invocation, world: World, arguments: Sequence[Value] = ()) -> Iterable[Effect]:
    return _read("julia", code, invocation, world)


def groovy(code: Value, invocation: Invocation, world: World, arguments: Sequence[Value] = ()) -> Iterable[Effect]:
    return _read("groovy", code, invocation, world)


def elixir(code: Value, invocation: Invocation, world: World, arguments: Sequence[Value] = ()) -> Iterable[Effect]:
    return _read("elixir", code, invocation, world)


_TCL_EXEC = regex.compile(r"(?:^|[;\[\n{])\s*(?:exec|spawn|open\s+\"?\|)\s+(?:-\w+\s+)*(?P<rest>[^\n;\]}\"]*)")
_TCL_DELETE = regex.compile(r"file\s+delete\s+(?P<force>-force\s+)?(?:--\s+)?(?P<path>[^\s;\]}]+)")


def tcl(code: Value, invocation: Invocation, world: World, arguments: Sequence[Value] = ()) -> Iterable[Effect]:
    """Tcl (also expect scripts named by their path): exec and ``file delete``."""
    actions = Actions("tclsh", invocation, world)
    known = str(code)
    for match in _TCL_EXEC.finditer(known):
        actions.shell(literal(match["rest"]), "exec")
    for match in _TCL_DELETE.finditer(known):
        path = match["path"].strip('"{}').replace("$env(HOME)", world.home).replace("$::env(HOME)", world.home)
        actions.delete(python_values.expanded(literal(path), world.home), recursive=bool(match["force"]))
    return actions.effects


_DO_SHELL = regex.compile(r'do\s+shell\s+script\s+"((?:[^"\\]|\\.)*)"|do\s+script\s+"((?:[^"\\]|\\.)*)"')
_DO_SHELL_JS = regex.compile(r"doShellScript\(\s*(['\"])((?:(?!\1)[^\\]|\\.)*)\1")


def applescript(code: Value, invocation: Invocation, world: World, arguments: Sequence[Value] = ()) -> Iterable[Effect]:
    """AppleScript: ``do shell script`` and Terminal's ``do script``."""
    actions = Actions("osascript", invocation, world)
    source, holes = python_values.pierced(code)
    for match in _DO_SHELL.finditer(source):
        inner = re.sub(r'\\(["\\])', r"\1", match[1] or match[2] or "")
        actions.shell(python_values.filled(inner, holes), "do shell script")
    for match in _DO_SHELL_JS.finditer(source):
        actions.shell(python_values.filled(match[2], holes), "doShellScript")
    if re.search(r'tell\s+app(?:lication)?\s+"Finder".*\b(?:delete|empty)\b', source, re.DOTALL):
        actions.opaque("Finder is told to delete something")
    return actions.effects
