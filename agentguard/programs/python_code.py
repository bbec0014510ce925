"""Python program text read with ``ast``: a forward walk that keeps constants and tells what library calls do."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterable, Sequence

from agentguard import regex
from agentguard.interpret.invocation import Effect, Invocation
from agentguard.interpret.values import Origin, Value, literal, unknown
from agentguard.operations import ProcessBomb
from agentguard.programs import python_values
from agentguard.programs.actions import MAX_CODE, Actions, Dotted, Fields, Items, Thing, text
from agentguard.programs.python_expressions import MAX_DEPTH, MAX_STEPS, Expressions, Scope, TooMuch, canonical
from agentguard.programs.python_services import Arguments
from agentguard.world.protocol import World

#: Modules of other people whose calls are read; importing them hides nothing.
_READ_ELSEWHERE = frozenset((
    "requests", "httpx", "aiohttp", "urllib3", "sqlalchemy", "psycopg", "psycopg2", "asyncpg", "pymysql", "MySQLdb",
    "mysql", "redis", "pymongo", "boto3", "duckdb", "sh", "invoke", "fabric", "pexpect", "yaml", "click", "rich",
    "typer", "numpy", "pandas", "tqdm", "dotenv", "pydantic", "jinja2", "bs4", "lxml", "pytest", "matplotlib", "scipy",
    "torch", "tensorflow", "transformers", "PIL", "elasticsearch", "opensearchpy", "keyring", "plumbum", "nox",
    "paramiko", "fabric2", "asyncssh",
))  # fmt: skip

#: What ``from MODULE import *`` brings, of the modules whose calls do something outside.
_STARRED = {
    "subprocess": ("run", "call", "check_call", "check_output", "Popen", "getoutput", "getstatusoutput"),
    "os": ("system", "popen", "remove", "unlink", "rmdir", "removedirs", "rename", "replace", "environ", "walk", "path",
           "listdir", "execv", "execvp", "execl", "execlp", "execve", "truncate", "chmod", "chown", "putenv", "getenv"),
    "shutil": ("rmtree", "move", "copy", "copyfile", "copytree"),
    "pathlib": ("Path", "PosixPath"),
    "pty": ("spawn",),
}  # fmt: skip

#: A line for the shell in IPython.
_SHELL_LINE = regex.compile(r"(?m)^(?:!+|%sx |%system )[ \t]*([^=\s].*)$")


def python(code: Value, invocation: Invocation, world: World, arguments: Sequence[Value] = ()) -> Iterable[Effect]:
    """What a Python program does. ``arguments`` are ``sys.argv[1:]``."""
    source, holes = python_values.pierced(code)
    actions = Actions("python", invocation, world)
    if len(source) > MAX_CODE:
        actions.opaque("a Python program this long is not read")
        return actions.effects
    for line in _SHELL_LINE.finditer(source):
        actions.shell(literal(line[1], *code.sources), "!")
    try:
        tree = ast.parse(_SHELL_LINE.sub("pass", source))
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        actions.opaque(f"this Python program cannot be parsed: {getattr(error, 'msg', error)}")
        return actions.effects
    reader = _Reader(actions, holes, arguments)
    try:
        reader.module(tree)
    except (TooMuch, RecursionError):
        actions.opaque("this Python program is too long to follow to its end")
    return actions.effects


class _Reader(Expressions):
    """Statements, functions and classes."""

    def __init__(self, actions: Actions, holes: Sequence[Value], arguments: Sequence[Value]) -> None:
        super().__init__(actions, holes, arguments)
        self.called: set[str] = set()

    def module(self, tree: ast.Module) -> None:
        self.body(tree.body)
        for name, function in list(self.functions.items()):
            decorated = not isinstance(function, ast.Lambda) and function.decorator_list
            if decorated and name not in self.called:
                self.run(name, Arguments((), Fields()))

    # -------------------------------------------------------------------------------- statements

    def body(self, statements: Iterable[ast.stmt]) -> None:
        for statement in statements:
            self.steps += 1
            if self.steps > MAX_STEPS:
                raise TooMuch
            self.statement(statement)

    def statement(self, node: ast.stmt) -> None:
        if isinstance(node, ast.Expr):
            self.value(node.value)
        elif isinstance(node, ast.Assign):
            found = self.value(node.value)
            for target in node.targets:
                self.bind(target, found)
        elif isinstance(node, ast.AnnAssign):
            if node.value is not None:
                self.bind(node.target, self.value(node.value))
        elif isinstance(node, ast.AugAssign):
            if isinstance(node.op, ast.Add):
                self.bind(node.target, python_values.added(self.value(node.target), self.value(node.value)))
            else:
                self.bind(node.target, self.value(node.value) if isinstance(node.op, ast.BitOr) else None)
        elif isinstance(node, ast.Import):
            for alias in node.names:
                self.imported(alias.name)
                bound = alias.name if alias.asname else alias.name.partition(".")[0]
                self.scope.names[alias.asname or bound] = Dotted(bound)
        elif isinstance(node, ast.ImportFrom):
            self.imported(node.module or "", local=node.level > 0)
            for alias in node.names:
                for name in _STARRED.get(node.module or "", ()) if alias.name == "*" else ():
                    self.scope.names[name] = Dotted(canonical(f"{node.module}.{name}"))
                self.scope.names[alias.asname or alias.name] = Dotted(canonical(f"{node.module or ''}.{alias.name}"))
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            self.functions[node.name] = node
            self.scope.names[node.name] = Dotted(f"def:{node.name}")
            for decorator in node.decorator_list:
                self.value(decorator)
        elif isinstance(node, ast.ClassDef):
            self.class_body(node)
        elif isinstance(node, ast.Return):
            self.scope.returns.append(self.value(node.value) if node.value is not None else None)
        elif isinstance(node, (ast.If, ast.For, ast.AsyncFor, ast.While, ast.With, ast.AsyncWith, ast.Try, ast.Match)):
            self.compound(node)
        else:
            for child in ast.iter_child_nodes(node):
                if isinstance(child, ast.expr):
                    self.value(child)
                elif isinstance(child, ast.stmt):
                    self.statement(child)

    def compound(self, node: ast.stmt) -> None:
        if isinstance(node, ast.If):
            self.value(node.test)
            if isinstance(node.test, ast.Constant) and not node.test.value:
                self.body(node.orelse)
                return
            self.branches([node.body, node.orelse])
        elif isinstance(node, (ast.For, ast.AsyncFor)):
            for item in self.rounds(self.value(node.iter)):
                self.bind(node.target, item)
                self.body(node.body)
            self.body(node.orelse)
        elif isinstance(node, ast.While):
            self.value(node.test)
            forks = any(isinstance(n, ast.Attribute) and n.attr == "fork" for n in ast.walk(node))
            if forks and isinstance(node.test, ast.Constant) and node.test.value:
                self.actions.add(ProcessBomb("os.fork"))
            self.body(node.body)
            self.body(node.orelse)
        elif isinstance(node, (ast.With, ast.AsyncWith)):
            for with_item in node.items:
                found = self.value(with_item.context_expr)
                if with_item.optional_vars is not None:
                    self.bind(with_item.optional_vars, found)
            self.body(node.body)
        elif isinstance(node, ast.Try):
            self.body(node.body)
            for handler in node.handlers:
                self.body(handler.body)
            self.body(node.orelse)
            self.body(node.finalbody)
        elif isinstance(node, ast.Match):
            self.value(node.subject)
            self.branches([case.body for case in node.cases])

    def branches(self, bodies: Sequence[list[ast.stmt]]) -> None:
        """Each body from the same beginning; what they leave behind differently keeps one known value."""
        before = dict(self.scope.names)
        ends = []
        for statements in bodies:
            self.scope.names = dict(before)
            self.body(statements)
            ends.append(self.scope.names)
        merged = dict(before)
        for end in reversed(ends):
            for name, found in end.items():
                if found is not None and found != before.get(name):
                    merged[name] = found
        self.scope.names = merged

    def imported(self, module: str, *, local: bool = False) -> None:
        top = module.partition(".")[0]
        if local or (top not in sys.stdlib_module_names and top not in _READ_ELSEWHERE):
            self.actions.opaque(f"the Python module {module or 'of this package'} is not read")

    def class_body(self, node: ast.ClassDef) -> None:
        self.scope.names[node.name] = Dotted(f"class:{node.name}")
        for statement in node.body:
            if isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef)):
                self.functions[f"{node.name}.{statement.name}"] = statement
            elif isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Name):
                self.attributes[f"{node.name}.{statement.targets[0].id}"] = self.value(statement.value)
            else:
                self.statement(statement)

    def bind(self, target: ast.expr, found: Thing) -> None:
        if isinstance(target, ast.Name):
            self.scope.names[target.id] = found
        elif isinstance(target, (ast.Tuple, ast.List)):
            values = found.values if isinstance(found, Items) else ()
            for index, element in enumerate(target.elts):
                self.bind(element, values[index] if index < len(values) else None)
        elif isinstance(target, ast.Attribute):
            owner = self.value(target.value)
            if isinstance(owner, Dotted):
                self.attributes[f"{owner.name.removeprefix('obj:')}.{target.attr}"] = found
        elif isinstance(target, ast.Starred):
            self.bind(target.value, None)
        elif isinstance(target, ast.Subscript) and isinstance(target.value, ast.Name):
            owner = self.scope.names.get(target.value.id)
            key = text(self.value(target.slice)).known
            if isinstance(owner, Fields) and key is not None:
                self.scope.names[target.value.id] = Fields({**owner.entries, key: found})

    def run(self, name: str, call: Arguments) -> Thing:
        """The body of a function defined in this program."""
        function = self.functions.get(name)
        if function is None or self.depth >= MAX_DEPTH:
            return None
        self.called.add(name)
        outer = self.scope
        self.scope = Scope(dict(outer.names))
        parameters = [*function.args.posonlyargs, *function.args.args]
        args = call.args
        if "." in name and parameters and parameters[0].arg in ("self", "cls"):
            args = (Dotted(f"obj:{name.partition('.')[0]}"), *args)
        defaults = [None] * (len(parameters) - len(function.args.defaults)) + list(function.args.defaults)
        for index, parameter in enumerate([*parameters, *function.args.kwonlyargs]):
            given = args[index] if index < len(args) and index < len(parameters) else None
            default = defaults[index] if index < len(defaults) else None
            if given is None:
                given = call.named.entries.get(parameter.arg)
            if given is None and default is not None:
                given = self.value(default)
            self.scope.names[parameter.arg] = given if given is not None else unknown(Origin.POSITIONAL, parameter.arg)
        if function.args.vararg is not None:
            self.scope.names[function.args.vararg.arg] = Items(args[len(parameters) :])
        self.depth += 1
        if isinstance(function, ast.Lambda):
            self.scope.returns.append(self.value(function.body))
        else:
            self.body(function.body)
        self.depth -= 1
        returned = [found for found in self.scope.returns if found is not None]
        self.scope = outer
        return returned[0] if returned else None
