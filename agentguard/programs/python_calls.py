"""What the functions of Python's libraries do, by their full names."""

from __future__ import annotations

import re
from collections.abc import Mapping

from agentguard.interpret.invocation import InnerCommand
from agentguard.interpret.values import Origin, Unknown, Value, concat, literal, unknown
from agentguard.operations import CodeExecution
from agentguard.programs import python_services as services
from agentguard.programs import secrets_told
from agentguard.programs.actions import Actions, Dotted, Fields, Items, Thing, json_text, text, texts
from agentguard.programs.actions import environment as environment_text
from agentguard.programs.contract import environment, read_text
from agentguard.programs.python_services import Arguments, Handler
from agentguard.programs.streams import standard_input

# ------------------------------------------------------------------------------------- processes


def _shell(actions: Actions, name: str, call: Arguments) -> Thing:
    actions.shell(call.get(0, "cmd", "command", "args"), name, cwd=call.get(9, "cwd"))
    return unknown(Origin.OUTPUT, name, many=True)


def _process(actions: Actions, name: str, call: Arguments) -> Thing:
    """The subprocess family: a list is a program, a text with ``shell=True`` is for a shell."""
    words = call.get(0, "args", "command")
    options = {"stdin": call.get(9, "input"), "cwd": call.get(9, "cwd")}
    if call.true("shell") or name.endswith(("getoutput", "getstatusoutput", "create_subprocess_shell")):
        first = words.values[0] if isinstance(words, Items) and words.values else words
        actions.shell(first, name, **options)
    else:
        program = call.get(9, "executable")
        if isinstance(words, Items) and isinstance(program, Value):
            words = Items((program, *words.values[1:]), words.open)
        actions.command(words, name, **options)
    return Dotted("process", (unknown(Origin.OUTPUT, name, many=True, sources=_origin(words)),))


def _origin(words: Thing) -> tuple[str, ...]:
    first = texts(words)[0].known if words is not None and texts(words) else None
    return (f"cmd:{first.rsplit('/', 1)[-1]}",) if first else ()


def _words(actions: Actions, name: str, call: Arguments) -> Thing:
    """Programs given as separate arguments: ``os.execlp(file, arg0, …)``, ``create_subprocess_exec(*words)``."""
    args = call.args
    if name.startswith(("os.spawn", "os.posix_spawn")):
        args = args[1:] if name.startswith("os.spawn") else args
    if name.startswith("os."):
        file, rest = (args[0] if args else None), args[1:]
        if rest and isinstance(rest[0], Items):
            rest = (*rest[0].values,)
        elif re.search(r"l[pe]*$", name) and name.endswith("e"):
            rest = rest[:-1]
        args = (file, *rest[1:])
    elif len(args) == 1 and isinstance(args[0], Items):
        args = args[0].values
    actions.command(Items(args), name)
    return Dotted("process", (unknown(Origin.OUTPUT, name, many=True),))


def _sh(actions: Actions, name: str, call: Arguments) -> Thing:
    """The ``sh`` module: ``sh.rm("-rf", path)``, ``sh.git.push()``; the same below ``plumbum.cmd``."""
    words = name.removeprefix("plumbum.cmd.").removeprefix("sh.").replace("_", "-").split(".")
    actions.command(Items((*map(literal, words), *call.args)), name)
    return unknown(Origin.OUTPUT, name, many=True)


def _chdir(actions: Actions, name: str, call: Arguments) -> Thing:
    actions.chdir(call.get(0, "path"))
    return None


def _kill(actions: Actions, name: str, call: Arguments) -> Thing:
    signal = call.get(1, "sig", "signal")
    number = signal.known if isinstance(signal, Value) and signal.known else "9"
    actions.tool("kill", f"-{number}", "--", text(call.get(0, "pid", "pgid")), name=name)
    return None


def _network_shell(actions: Actions, name: str, call: Arguments) -> Thing:
    """A descriptor laid over standard input: how a shell is given to a socket."""
    if any(isinstance(a, Dotted) and a.name.startswith("socket") for a in call.args):
        actions.add(CodeExecution("network", actions.language))
    return None


# ----------------------------------------------------------------------------------------- files


def _delete(actions: Actions, name: str, call: Arguments) -> Thing:
    recursive = name.endswith(("rmtree", "rm_rf", "removedirs", "remove_tree", "delete_tree", ".rm"))
    actions.delete(call.get(0, "path", "name"), recursive=recursive)
    return None


def _move(actions: Actions, name: str, call: Arguments) -> Thing:
    actions.move(call.get(0, "src"), call.get(1, "dst", "target"))
    return None


def _copy(actions: Actions, name: str, call: Arguments) -> Thing:
    actions.copy(call.get(0, "src"), call.get(1, "dst"))
    return None


def _truncate(actions: Actions, name: str, call: Arguments) -> Thing:
    actions.overwrite(call.get(0, "path"))
    return None


def _chmod(actions: Actions, name: str, call: Arguments) -> Thing:
    mode = text(call.get(1, "mode", "uid", "user")).known or ""
    if name.endswith("chmod") and mode.isdigit():
        mode = format(int(mode), "o")
    actions.permissions(call.get(0, "path"), mode)
    return None


def _open(actions: Actions, name: str, call: Arguments) -> Thing:
    """``open``: reading gives the content, writing a file that ``write`` fills."""
    path = call.get(0, "file", "path")
    mode = text(call.get(1, "mode")).known if call.get(1, "mode") is not None else "r"
    if not isinstance(path, Value):
        return None
    if mode is None or ("r" in mode and "+" not in mode):
        return file_object(actions, path)
    if "r" not in mode:
        actions.overwrite(path, append="a" in mode)
    return Dotted("writer", (path, literal("a") if "a" in mode else literal("w")))


def file_object(actions: Actions, path: Value) -> Thing:
    actions.read(path)
    return Dotted("file", (read_text(actions.path(path), actions.invocation, actions.world),))


def _listing(actions: Actions, name: str, call: Arguments) -> Thing:
    base = text(call.get(0, "path", "top")) if call.args else literal(".")
    child = Value((Unknown(Origin.LOOP, "a name", path_safe=True),))
    below = concat((base, literal("/"), child))
    if name == "os.listdir":
        return Items((child,), open=True)
    if name == "os.walk":
        names = Items((child,), open=True)
        return Items((Items((base, names, names)), Items((below, names, names))), open=True)
    return Items((below,), open=True)


def _glob(actions: Actions, name: str, call: Arguments) -> Thing:
    return Items((globbed(text(call.get(0, "pathname"))),), open=True)


def globbed(pattern: Value) -> Value:
    """A glob given as text, as the word a shell would have."""
    from agentguard.interpret.values import Pattern

    pieces: list[str | Unknown | Pattern] = []
    for piece in pattern.pieces:
        if not isinstance(piece, str):
            pieces.append(piece)
            continue
        for part in re.split(r"(\*+|\?|\[[^\]]*\])", piece):
            if part:
                pieces.append(Pattern(part) if part[0] in "*?[" else part)
    return Value(tuple(pieces), pattern.sources)


def _aws(actions: Actions, name: str, call: Arguments, service: str) -> Thing:
    """``client.delete_bucket(Bucket=…)`` is ``aws s3api delete-bucket --bucket …``."""
    verb = name.rsplit(".", 1)[-1].replace("_", "-")
    words: list[str | Value] = ["aws", "s3api" if service == "s3" else service, verb]
    for key, value in call.named.entries.items():
        option = re.sub(r"(?<=[a-z0-9])([A-Z])", r"-\1", key).lower()
        words += [f"--{option}", text(value) if isinstance(value, Value) else json_text(value)]
    actions.tool(*words, name=name)
    return None


def _printed(actions: Actions, name: str, call: Arguments) -> Thing:
    """Printing something that came from the environment or a file is what ``echo`` of it would be."""
    told = ("env:", "file:", secrets_told.PREFIX)
    for argument in call.args:
        if environment_text(argument) or (isinstance(argument, Value) and "env:*" in argument.sources):
            actions.tool("printenv", name=name)
        elif isinstance(argument, Value) and any(source.startswith(told) for source in argument.sources):
            actions.tool("echo", argument, name=name)
    return None


def _getenv(actions: Actions, name: str, call: Arguments) -> Thing:
    key = call.get(0, "key")
    known = key.known if isinstance(key, Value) else None
    value = environment(known, actions.invocation, actions.world) if known else None
    if value is not None and known is not None:
        return Value(value.pieces, value.sources | {f"env:{known}"})
    return call.get(1, "default") or unknown(Origin.VARIABLE, known or "", sources=(f"env:{known}",) if known else ())


def _password(actions: Actions, name: str, call: Arguments) -> Thing:
    return unknown(Origin.OUTPUT, name, sources=(f"{secrets_told.PREFIX}keyring",))


def _input(actions: Actions, name: str, call: Arguments) -> Thing:
    return standard_input(actions.invocation)


def _stored_code(actions: Actions, name: str, call: Arguments) -> Thing:
    loader = call.get(1, "Loader")
    safe = isinstance(loader, Dotted) and "Safe" in loader.name
    if not (name.startswith("yaml.") and (safe or loader is None)) and not call.true("weights_only"):
        actions.opaque(f"{name} may run code that is stored in its data")
    return None


def _same(kind: str) -> Handler:
    return lambda actions, name, call: Dotted(kind, call.args)


def _client(actions: Actions, name: str, call: Arguments) -> Thing:
    return Dotted("http-client", (call.get(9, "base_url"),))


def _boto(actions: Actions, name: str, call: Arguments) -> Thing:
    return Dotted(f"aws:{text(call.get(0, 'service_name')).known or 'service'}")


def _table() -> Mapping[str, Handler]:
    table: dict[str, Handler] = {}

    def put(handler: Handler, names: str) -> None:
        table.update(dict.fromkeys(names.split(), handler))

    put(_shell, "os.system os.popen popen2.popen2 commands.getoutput commands.getstatusoutput invoke.run fabric.run "
        "invoke.sudo fabric.sudo fabric.local "
        "pexpect.spawn pexpect.run pexpect.runu IPython.get_ipython().system get_ipython().system")  # fmt: skip
    put(_process, "subprocess.run subprocess.call subprocess.check_call subprocess.check_output subprocess.Popen "
        "subprocess.getoutput subprocess.getstatusoutput asyncio.create_subprocess_shell trio.run_process "
        "anyio.run_process")  # fmt: skip
    put(_words, "nox.session.run nox.session.run_always nox.session.run_install")
    put(_words, "asyncio.create_subprocess_exec pty.spawn " + " ".join(
        f"os.{kind}{form}" for kind in ("exec", "spawn") for form in ("l", "le", "lp", "lpe", "v", "ve", "vp", "vpe")
    ) + " os.posix_spawn os.posix_spawnp")  # fmt: skip
    put(_kill, "os.kill os.killpg")
    put(_chdir, "os.chdir contextlib.chdir")
    put(_network_shell, "os.dup2")
    put(_delete, "os.remove os.unlink shutil.rmtree os.removedirs distutils.dir_util.remove_tree aiofiles.os.remove")
    put(_move, "shutil.move os.rename os.renames os.replace")
    put(_copy, "shutil.copy shutil.copy2 shutil.copyfile shutil.copytree distutils.dir_util.copy_tree")
    put(_truncate, "os.truncate")
    put(_chmod, "os.chmod os.chown os.lchown shutil.chown")
    put(_open, "open io.open codecs.open gzip.open bz2.open lzma.open aiofiles.open")
    put(_listing, "os.listdir os.scandir os.walk")
    put(_glob, "glob.glob glob.iglob")
    for verb in ("get", "post", "put", "patch", "delete", "head", "options", "request", "stream"):
        put(services.request, f"requests.{verb} httpx.{verb} aiohttp.{verb} urllib3.{verb} requests.api.{verb}")
    put(_client, "requests.Session requests.session httpx.Client httpx.AsyncClient aiohttp.ClientSession "
        "urllib3.PoolManager")  # fmt: skip
    put(services.urlopen, "urllib.request.urlopen urllib.request.Request urllib.request.urlretrieve urllib2.urlopen")
    put(services.connection, "http.client.HTTPSConnection http.client.HTTPConnection")
    put(services.connect, " ".join(services.ENGINES))
    put(services.engine, "sqlalchemy.create_engine sqlalchemy.ext.asyncio.create_async_engine databases.Database "
        "records.Database")  # fmt: skip
    put(_boto, "boto3.client boto3.resource boto3.Session().client")
    put(_printed, "print sys.stdout.write pprint.pprint")
    put(_password, "keyring.get_password keyring.get_credential")
    put(_getenv, "os.getenv os.environ.get os.environ.pop")
    put(_input, "input sys.stdin.read sys.stdin.readline sys.stdin.buffer.read raw_input")
    put(_stored_code, "pickle.load pickle.loads pickle.Unpickler dill.load dill.loads joblib.load torch.load "
        "cloudpickle.load cloudpickle.loads yaml.load yaml.unsafe_load yaml.full_load shelve.open "
        "marshal.load pandas.read_pickle")  # fmt: skip
    put(_same("ssh-client"), "paramiko.SSHClient fabric.Connection fabric2.Connection asyncssh.connect")
    put(_same("socket"), "socket.socket socket.create_connection")
    put(_same("elastic"), " ".join(
        f"{module}.{kind}" for module, kinds in {
            "elasticsearch": ("Elasticsearch", "AsyncElasticsearch"), "opensearchpy": ("OpenSearch", "AsyncOpenSearch"),
        }.items() for kind in kinds
    ))  # fmt: skip
    put(_same("sqlalchemy-session"), "sqlalchemy.orm.Session")
    return table


CALLS: Mapping[str, Handler] = _table()


def method_call(actions: Actions, target: Dotted, method: str, call: Arguments) -> tuple[bool, Thing]:
    """A method of an object made by one of the calls above: (whether it is known, what it gives)."""
    kind = target.name
    first = target.of[0] if target.of else None
    name = f"{kind}.{method}"
    if kind.startswith("db:") or kind == "django.db.connection":
        if method in ("execute", "executemany", "executescript", "exec", "query", "command", "run", "exec_driver_sql",
                      "fetch", "fetchall", "fetchrow", "fetch_all", "scalar", "raw"):  # fmt: skip
            return True, services.statement(actions, f"{kind.partition(':')[2] or 'database'}.{method}", call, target)
        return True, target
    if kind == "http-client":
        if method in ("get", "post", "put", "patch", "delete", "head", "options", "request", "stream"):
            return True, services.request(actions, method, call, first)
        return True, target
    if kind == "http-connection" and method in ("request", "putrequest"):
        return True, services.http_request(actions, name, call, first)
    if kind.startswith("aws:"):
        service = kind.partition(":")[2]
        if service == "s3" and method == "Bucket":
            return True, Dotted("bucket", call.args)
        service, _, collection = service.partition(".")
        if collection and method in ("filter", "all", "limit", "page_size", "pages"):
            return True, Dotted(kind, target.of)
        if collection:  # ec2.instances.filter(…).terminate()
            actions.tool("aws", service, f"{method.replace('_', '-')}-{collection.replace('_', '-')}", name=name)
            return True, None
        if method[:1].isupper():  # an object of a resource: Table('orders')
            return True, Dotted(f"boto3-resource.{method}", call.args)
        return True, _aws(actions, name, call, service)
    if kind.startswith("bucket."):  # bucket.objects.filter(…).delete()
        if method == "delete":
            actions.tool("aws", "s3", "rm", concat((literal("s3://"), text(first))), "--recursive", name=name)
        return True, Dotted(kind, target.of)
    if kind == "bucket":
        bucket = concat((literal("s3://"), text(first)))
        if method in ("delete", "delete_objects"):
            actions.tool("aws", "s3", "rb" if not target.of[1:] else "rm", bucket, "--force", name=name)
        return True, Dotted("bucket", (first, literal(method)))
    if kind == "ssh-client":
        return True, _over_ssh(actions, name, first, method, call)
    if kind in ("file", "response", "process"):
        if method in ("read", "readlines", "decode", "readline", "communicate", "text", "read_text"):
            return True, first
        return True, unknown(Origin.FILE, name, sources=first.sources if isinstance(first, Value) else ())
    if kind == "writer":
        if method == "write" and isinstance(first, Value):
            appending = len(target.of) > 1 and text(target.of[1]).known == "a"
            actions.overwrite(first, append=appending, content=call.get(0))
        return True, None
    if kind == "socket" and method in ("send", "sendall", "connect"):
        return True, _raw(actions, name, target, method, call.get(0))
    if kind.startswith("socket"):
        return True, Dotted("socket-data", ()) if method == "fileno" else unknown(
            Origin.NETWORK, "socket", sources=("net:socket",)
        )
    return False, None


def _over_ssh(actions: Actions, name: str, host: Thing, method: str, call: Arguments) -> Thing:
    """``exec_command``, ``run`` and ``sudo`` of paramiko, fabric and asyncssh are what ``ssh HOST TEXT`` is."""
    if method in ("exec_command", "run", "sudo", "create_process"):
        where = host if isinstance(host, Value) and host.pieces else literal("another-machine")
        actions.command(Items((literal("ssh"), where, text(call.get(0, "command")))), name)
    elif method == "local":
        actions.shell(call.get(0, "command"), name)
    return Dotted("process", (unknown(Origin.OUTPUT, name, many=True),))


def _raw(actions: Actions, name: str, target: Dotted, method: str, given: Thing) -> Thing:
    """What is typed into a connection is what ``nc HOST PORT`` would be given."""
    peer = given if method == "connect" else target.of[0] if target.of else None
    if method == "connect":
        actions.peer = peer
        return None
    words = texts(peer) if isinstance(peer, Items) else texts(actions.peer) if actions.peer is not None else ()
    if len(words) > 1:
        argv = (literal("nc"), *words[:2])
        actions.add(InnerCommand(argv, f"{actions.language} {name}", stdin=text(given)))
    return None


def path_method(actions: Actions, path: Value, method: str, call: Arguments) -> tuple[bool, Thing]:
    """Methods of ``pathlib`` paths that do something."""
    if method in ("unlink", "rmtree", "rmtree_p", "remove", "remove_p", "rm"):
        actions.delete(path, recursive=method.startswith("rmtree"))
    elif method in ("write_text", "write_bytes"):
        actions.overwrite(path, content=call.get(0, "data"))
    elif method in ("rename", "move") or (method == "replace" and len(call.args) == 1):
        actions.move(path, call.get(0, "target"))
    elif method in ("read_text", "read_bytes"):
        found = file_object(actions, path)
        return True, found.of[0] if isinstance(found, Dotted) else None
    elif method == "open":
        return True, _open(actions, "open", Arguments((path, *call.args), call.named))
    elif method == "chmod":
        return True, _chmod(actions, "chmod", Arguments((path, *call.args), call.named))
    elif method in ("glob", "rglob", "iterdir"):
        if method == "iterdir":
            return True, _listing(actions, "Path.iterdir", Arguments((path,), Fields()))
        pattern = text(call.get(0, "pattern"))
        return True, Items((concat((path, literal("/"), globbed(pattern))),), open=True)
    else:
        return False, None
    return True, None
