"""What the calls of JavaScript, Ruby, Perl, PHP, Lua and smaller languages do.

``KINDS`` maps a language to the names of its calls, grouped by what they do; ``?.name`` stands for a call of that
name on anything.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

from agentguard import regex
from agentguard.interpret.values import Origin, Value, concat, literal, unknown
from agentguard.programs import code_curl, code_requests, code_stores, python_values
from agentguard.programs.actions import Dotted, Fields, Items, Thing, environment, text
from agentguard.programs.code_clients import client_call
from agentguard.programs.code_computing import file_text
from agentguard.programs.code_reading import CodeReader
from agentguard.programs.code_services import all_rows, fetch, http_host, option, sql, verb

Given = Sequence[Thing]
Kind = Callable[[CodeReader, str, Given, Thing], Thing]


def _true(thing: Thing) -> bool:
    return (isinstance(thing, Value) and thing.known not in ("false", "nil", "FALSE", "0", "")) or (
        isinstance(thing, Dotted) and thing.name in ("true", "TRUE")
    )  # fmt: skip


# ----------------------------------------------------------------------------------- what calls do


def _shell(reader: CodeReader, name: str, given: Given, owner: Thing) -> Thing:
    code = given[0] if given else owner.of[0] if isinstance(owner, Dotted) and owner.of else None
    if isinstance(code, Items):
        return _process(reader, name, given, owner)
    reader.actions.shell(code, name, cwd=option(given, "cwd", "chdir"), stdin=option(given, "input", "stdin_data"))
    return unknown(Origin.OUTPUT, name, many=True)


def _over_ssh(reader: CodeReader, name: str, given: Given, owner: Thing) -> Thing:
    """Text for the shell of another machine: ``execCommand(text)`` of node-ssh, ``exec!(text)`` of Net::SSH."""
    words = (literal("ssh"), literal("another-machine"), text(given[0] if given else None, "command"))
    reader.actions.command(Items(words), name)
    return unknown(Origin.OUTPUT, name, many=True)


def _process(reader: CodeReader, name: str, given: Given, owner: Thing) -> Thing:
    """A program and its words; one text with ``shell: true`` is for a shell."""
    words: list[Thing] = [t for t in given if not isinstance(t, Fields) and not _callback(t)]
    if len(words) == 2 and isinstance(words[1], Items):
        words = [words[0], *words[1].values]
    elif words and isinstance(words[0], Items):
        words = list(words[0].values)
    more = option(given, "args")
    if isinstance(more, Items):
        words += more.values
    cwd = option(given, "cwd", "chdir", "dir")
    if _true(option(given, "shell")) and words:
        parts = [text(word) for word in words]
        reader.actions.shell(concat([p for part in parts for p in (literal(" "), part)][1:]), name, cwd=cwd)
    elif words:
        reader.actions.command(Items(tuple(words)), name, cwd=cwd, stdin=option(given, "input"))
    return unknown(Origin.OUTPUT, name, many=True)


def _callback(thing: Thing) -> bool:
    return isinstance(thing, Dotted) and thing.name in ("function", "async", "err", "error", "callback", "cb", "_")


def _system(reader: CodeReader, name: str, given: Given, owner: Thing) -> Thing:
    """``system``: one text is for a shell, several words are a program."""
    words = [thing for thing in given if not isinstance(thing, Fields)]
    if len(words) == 1 and not isinstance(words[0], Items):
        return _shell(reader, name, given, owner)
    return _process(reader, name, given, owner)


_MODE = regex.compile(r"\s*(?:[-+|<>]+|w\+?b?\+?|ab?\+?|rb?\+?)(?::\S*)?\s*")


def _open_pipe(reader: CodeReader, name: str, given: Given, owner: Thing) -> Thing:
    """Perl's and Ruby's ``open``: a pipe runs a command, ``>`` overwrites a file."""
    things = [thing for thing in given if isinstance(thing, Value)]
    modes = [thing for thing in things if _MODE.fullmatch(thing.known or "?")][:1]
    mode = str(modes[0]).strip() if modes else ""
    rest = [thing for thing in things if thing not in modes]
    if mode in ("-|", "|-", "|") and rest:
        return _system(reader, name, rest, owner)
    if not rest:
        return None
    target = rest[-1] if mode else rest[0]
    head = target.prefix.strip()
    if not mode and head.startswith("|"):
        reader.actions.shell(literal(str(target).strip()[1:]), name)
    elif not mode and str(target).rstrip().endswith("|"):
        reader.actions.shell(literal(str(target).strip()[:-1]), name)
    elif mode.startswith((">", "w")) or (not mode and head.startswith(">")):
        path = literal(head.lstrip("> ")) if head.startswith(">") else target
        reader.actions.overwrite(path, append=mode.startswith((">>", "a")) or head.startswith(">>"))
    elif mode.startswith("a"):
        reader.actions.overwrite(target, append=True)
    elif mode in ("", "<", "r", "rb"):
        return Dotted("file", (file_text(reader, target),))
    return None


def _delete(reader: CodeReader, name: str, given: Given, owner: Thing) -> Thing:
    recursive = _true(option(given, "recursive", "force_recursive")) or bool(
        re.search(r"(?:rm_?r|rmtree|remove_tree|rimraf|emptyDir|deleteDir|remove_entry|remove_dir|rm_r|\bdel$|deleteRec)",
                  name.replace("fs-extra", ""))
    )  # fmt: skip
    if name in ("fs.remove", "fs.removeSync") or (name == "unlink" and reader.grammar.name == "Rscript"):
        recursive = True
    paths: list[Thing] = [
        None if isinstance(thing, Dotted) else thing
        for thing in given
        if not isinstance(thing, Fields) and not _callback(thing)
    ]
    if name == "rm" and reader.grammar.name == "julia":
        recursive = _true(option(given, "recursive"))
    if reader.grammar.name == "Rscript":  # R itself knows the tilde
        paths = [python_values.expanded(text(path), reader.actions.world.home) for path in paths]
    if name.startswith(("shell.", "shelljs.")) and paths and str(text(paths[0])).startswith("-"):
        recursive = "r" in str(text(paths[0])).lower()
        paths = paths[1:]
    if not paths and isinstance(owner, Dotted) and owner.of:
        paths = [owner.of[0]]
    for path in paths:
        reader.actions.delete(path, recursive=recursive)
    return None


def _move(reader: CodeReader, name: str, given: Given, owner: Thing) -> Thing:
    if len(given) > 1:
        reader.actions.move(given[0], given[1])
    return None


def _copy(reader: CodeReader, name: str, given: Given, owner: Thing) -> Thing:
    if len(given) > 1:
        reader.actions.copy(given[0], given[1])
    return None


def _write(reader: CodeReader, name: str, given: Given, owner: Thing) -> Thing:
    if given:
        append = "append" in name.lower() or "APPEND" in str(given[2:]) or option(given, "mode", "flag") == literal("a")
        reader.actions.overwrite(given[0], append=append, content=given[1] if len(given) > 1 else None)
    return None


def _permissions(reader: CodeReader, name: str, given: Given, owner: Thing) -> Thing:
    things = [thing for thing in given if isinstance(thing, Value)]
    if len(things) > 1:
        path, mode = (things[0], things[1]) if reader.grammar.name in ("node", "php") else (things[-1], things[0])
        reader.actions.permissions(path, (mode.known or "").removeprefix("0o").lstrip("0"), recursive="_R" in name)
    return None


def _evaluate(reader: CodeReader, name: str, given: Given, owner: Thing) -> Thing:
    code = given[-1] if name in ("Function", "new Function") and given else given[0] if given else None
    known = code.known if isinstance(code, Value) else None
    if known is None:
        if isinstance(code, Value) or name != "eval":
            reader.actions.runs(code, name)
    elif reader.steps < 20_000:
        if isinstance(code, Value) and "decoded" in code.sources:
            reader.actions.runs(code, name)
        reader.steps += 500
        reader.read(known)
    return None


def _stored(reader: CodeReader, name: str, given: Given, owner: Thing) -> Thing:
    reader.actions.opaque(f"{name} may run code that is stored in its data")
    return None


def _included(reader: CodeReader, name: str, given: Given, owner: Thing) -> Thing:
    reader.actions.opaque(f"the file that {name} loads is not followed")
    return None


def _printed(reader: CodeReader, name: str, given: Given, owner: Thing) -> Thing:
    for thing in given:
        if environment(thing) or (isinstance(thing, Value) and "env:*" in thing.sources):
            reader.actions.tool("printenv", name=name)
        elif isinstance(thing, Value) and any(s.startswith(("env:", "file:")) for s in thing.sources):
            reader.actions.tool("echo", thing, name=name)
    return None


def _chdir(reader: CodeReader, name: str, given: Given, owner: Thing) -> Thing:
    reader.actions.chdir(given[0] if given else None)
    return None


# ----------------------------------------------------------------------------------------- tables

_VERBS = "get post put patch delete head request del destroy"


def _http(*clients: str) -> str:
    return " ".join(f"{client}.{verb}" for client in clients for verb in _VERBS.split())


def _bang(names: str) -> str:
    """Elixir's calls that raise end in ``!``."""
    return " ".join(f"{name} {name}!" for name in names.split())


def _made(*shapes: str) -> str:
    return " ".join(shape.format(verb) for shape in shapes for verb in ("Delete", "Post", "Put", "Patch"))


_SQL_CALLS = (
    "?.query ?.execute ?.exec ?.raw ?.$executeRawUnsafe ?.$queryRawUnsafe ?.$executeRaw ?.executeSql ?.unsafe "
    "?.exec_query ?.select_all ?.do ?.prepare ?.multi_query ?.executeQuery ?.executeUpdate ?.batch ?.executeStatement"
)

KINDS: Mapping[str, Mapping[Kind, str]] = {
    "node": {
        _shell: "child_process.exec child_process.execSync execSync shell.exec shelljs.exec execa.command "
        "execa.commandSync execa.execaCommand execaCommand execaCommandSync ?.execSync",
        _process: "child_process.spawn child_process.spawnSync child_process.execFile child_process.execFileSync "
        "child_process.fork spawnSync execFileSync execa execa.execa execa.sync execaSync cross-spawn cross-spawn.sync "
        "Bun.spawn Bun.spawnSync Deno.Command Deno.run spawn execFile ?.spawnSync ?.execFileSync",
        _delete: "fs.rm fs.rmSync fs.unlink fs.unlinkSync fs.rmdir fs.rmdirSync fs.remove fs.removeSync fs.emptyDir "
        "fs.emptyDirSync rimraf rimraf.sync rimraf.rimraf rimraf.rimrafSync del del.sync del.deleteAsync ?.rm "
        "shell.rm shelljs.rm Deno.remove Deno.removeSync unlinkSync rmSync rmdirSync ?.rmSync ?.unlinkSync ?.rmdirSync",
        _move: "fs.rename fs.renameSync fs.move fs.moveSync Deno.rename Deno.renameSync renameSync ?.renameSync",
        _copy: "fs.copyFile fs.copyFileSync fs.cp fs.cpSync fs.copy fs.copySync Deno.copyFile ?.copyFileSync",
        _write: "fs.writeFile fs.writeFileSync fs.appendFile fs.appendFileSync fs.truncate fs.truncateSync "
        "fs.createWriteStream fs.outputFile fs.outputFileSync Bun.write Deno.writeTextFile Deno.writeTextFileSync "
        "Deno.writeFile writeFileSync ?.writeFileSync ?.appendFileSync",
        _permissions: "fs.chmod fs.chmodSync ?.chmodSync",
        _evaluate: "eval Function vm.runInThisContext vm.runInNewContext vm.runInContext",
        _stored: "v8.deserialize node-serialize.unserialize process.binding process.dlopen",
        _over_ssh: "?.execCommand",
        fetch: "fetch axios axios.request got ky undici.request undici.fetch node-fetch https.request http.request "
        "https.get http.get request superagent needle",
        verb: _http("axios", "got", "ky", "superagent", "needle", "axios.create()", "axios.default", "got.extend()"),
        sql: _SQL_CALLS,
        all_rows: "?.deleteMany ?.destroy",
        code_stores.whole_table: "?.del ?.truncate",
        code_stores.created_anew: "?.sync ?.synchronize",
        code_stores.connection: "better-sqlite3 sqlite3.Database sqlite.DatabaseSync bun:sqlite.Database",
        code_stores.database: "?.dropDatabase ?.flushall ?.flushdb ?.flushAll ?.flushDb",
        _printed: "console.log console.error process.stdout.write",
        _chdir: "process.chdir Deno.chdir",
    },
    "ruby": {
        _system: "system exec spawn Kernel.system Kernel.exec Kernel.spawn Process.spawn IO.popen popen Open3.capture2 "
        "Open3.capture2e Open3.capture3 Open3.popen2 Open3.popen2e Open3.popen3 PTY.spawn Open3.pipeline",
        _shell: "sh run `",
        _open_pipe: "open Kernel.open File.open",
        _delete: "FileUtils.rm_rf FileUtils.rm_r FileUtils.rm FileUtils.rm_f FileUtils.rmtree FileUtils.remove_dir "
        "FileUtils.remove_entry FileUtils.remove_entry_secure FileUtils.remove FileUtils.remove_file "
        "FileUtils.safe_unlink File.delete File.unlink Dir.rmdir Dir.delete rm_rf rm_r ?.rmtree",
        _move: "FileUtils.mv FileUtils.move File.rename",
        _copy: "FileUtils.cp FileUtils.cp_r FileUtils.copy",
        _write: "File.write IO.write File.truncate",
        _permissions: "FileUtils.chmod FileUtils.chmod_R FileUtils.chown FileUtils.chown_R File.chmod",
        _evaluate: "eval instance_eval class_eval Kernel.eval ?.instance_eval ?.class_eval",
        _stored: "Marshal.load YAML.unsafe_load",
        _included: "load require_relative",
        _chdir: "Dir.chdir FileUtils.cd",
        http_host: "Net.HTTP.new Net.HTTP.start Faraday.new HTTPX.with",
        code_requests.made: _made("Net.HTTP.{}.new()", "Net.HTTP.{}.new"),
        verb: _http("http-host", "Net.HTTP", "HTTP", "HTTParty", "RestClient", "Faraday", "Typhoeus", "Excon"),
        sql: _SQL_CALLS,
        code_stores.database: "?.flushall ?.flushdb ?.drop_database",
        _over_ssh: "?.exec!",
        code_stores.connection: "SQLite3.Database.new",
        _printed: "puts print p",
    },
    "perl": {
        _system: "system exec",
        _shell: "readpipe",
        _open_pipe: "open",
        _delete: "unlink rmdir rmtree remove_tree File.Path.rmtree File.Path.remove_tree",
        _move: "rename move File.Copy.move",
        _copy: "copy File.Copy.copy",
        _write: "truncate",
        _permissions: "chmod chown",
        _evaluate: "eval",
        _chdir: "chdir",
        _stored: "thaw retrieve",
        _included: "do require",
        verb: _http("HTTP.Tiny.new()", "LWP.UserAgent.new()", "$ua", "$http"),
        code_requests.made: "HTTP.Request.new",
        code_requests.asked: "HTTP.Tiny.new().request LWP.UserAgent.new().request $ua.request $http.request",
        sql: _SQL_CALLS,
        _printed: "print say",
    },
    "php": {
        _shell: "system exec shell_exec passthru popen proc_open pcntl_exec",
        _chdir: "chdir",
        _delete: "unlink rmdir File.deleteDirectory File.delete Storage.deleteDirectory",
        _move: "rename",
        _copy: "copy",
        _write: "file_put_contents",
        _permissions: "chmod chown",
        _evaluate: "eval assert create_function",
        _stored: "unserialize",
        code_stores.connection: "PDO SQLite3",
        code_curl.handle: "curl_init",
        code_curl.setting: "curl_setopt curl_setopt_array",
        code_curl.send: "curl_exec",
        code_requests.contents: "file_get_contents fopen",
        code_requests.context: "stream_context_create",
        code_requests.asked: "$client.request GuzzleHttp.Client().request",
        verb: _http("Http", "$client", "GuzzleHttp.Client()"),
        sql: f"{_SQL_CALLS} mysqli_query mysqli_multi_query pg_query sqlite_exec DB.statement DB.unprepared DB.delete",
        _printed: "echo print print_r var_dump",
    },
    "lua": {
        _shell: "os.execute io.popen",
        _delete: "os.remove lfs.rmdir",
        _move: "os.rename",
        _open_pipe: "io.open",
        _evaluate: "load loadstring",
        _included: "dofile loadfile",
    },
    "Rscript": {
        _shell: "system shell",
        _process: "system2 processx.run run",
        _delete: "unlink file.remove fs.dir_delete fs.file_delete",
        _move: "file.rename",
        _copy: "file.copy",
        _write: "file.create",
        _included: "source",
        code_stores.second: "dbExecute dbSendQuery dbGetQuery dbSendStatement DBI.dbExecute DBI.dbSendQuery "
        "DBI.dbSendStatement DBI.dbRemoveTable dbRemoveTable",
        verb: " ".join(f"{package}{verb}" for package in ("httr.", "") for verb in ("DELETE", "POST", "PUT", "PATCH")),
    },
    "julia": {
        verb: _http("HTTP").replace("HTTP.request ", ""),
        code_requests.asked: "HTTP.request",
        _shell: "run read", _delete: "rm", _move: "mv", _copy: "cp", _included: "include"},
    "groovy": {
        _shell: "?.execute sh",
        _delete: "?.deleteDir ?.delete Files.delete Files.deleteIfExists FileUtils.deleteDirectory",
        _evaluate: "evaluate",
    },
    "tclsh": {},
    "elixir": {
        _shell: "System.shell os.cmd",
        _process: "System.cmd",
        _delete: "File.rm File.rm! File.rm_rf File.rm_rf! File.rmdir",
        _move: "File.rename File.rename!",
        _write: "File.write File.write!",
        _evaluate: "Code.eval_string",
        code_stores.model: "?.delete_all",
        verb: _bang(_http("HTTPoison", "Req", "Tesla", "Finch").replace(".request", ".send")),
        code_requests.asked: "HTTPoison.request HTTPoison.request!",
    },
}  # fmt: skip

_CALLS: dict[str, dict[str, Kind]] = {
    language: {name: kind for kind, names in kinds.items() for name in names.split()}
    for language, kinds in KINDS.items()
}


def endings(language: str) -> frozenset[str]:
    """The calls of a language that are known by their last name alone."""
    return frozenset(name for name in _CALLS[language] if name.startswith("?."))


#: Calls whose first argument names the function to call.
_BY_NAME = frozenset(("send", "public_send", "__send__", "call_user_func", "array_map", "array_walk", "array_filter"))


def handle(reader: CodeReader, name: str, given: Given, owner: Thing) -> tuple[bool, Thing]:
    """The kind of call that a name stands for, where it is one."""
    calls = _CALLS[reader.grammar.name]
    name = name.replace("::", ".").replace("->", ".").lstrip("\\")
    name = name.replace(".new.", ".new().")  # made without parentheses (Perl)
    if name.rsplit(".", 1)[-1] in _BY_NAME and given and isinstance(given[0], Value):
        return handle(reader, str(given[0]).lstrip(":"), given[1:], owner)
    kind = calls.get(name)
    if kind is None and "." in name:
        kind = calls.get(f"?.{name.rsplit('.', 1)[1]}")
        if kind is sql and not given:
            kind = None
    if kind is None:
        return client_call(reader.actions, name), None
    return True, kind(reader, name, given, owner)
