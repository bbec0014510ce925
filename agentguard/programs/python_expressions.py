"""Python expressions and calls, evaluated as far as they can be known; calls tell what they do."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Sequence

from agentguard.interpret.values import Origin, Value, concat, literal, unknown
from agentguard.light import dataclass, field
from agentguard.programs import code_clients, python_calls, python_services, python_values
from agentguard.programs.actions import Actions, Dotted, Fields, Items, Thing, environment, text
from agentguard.programs.python_services import Arguments

MAX_STEPS = 20_000
MAX_DEPTH = 10
MAX_ROUNDS = 32

_BUILTINS = frozenset((
    "open", "eval", "exec", "compile", "getattr", "__import__", "print", "input", "str", "bytes", "bytearray", "int",
    "chr", "list", "tuple", "sorted", "set", "reversed", "iter", "map", "filter", "range", "repr", "memoryview", "vars",
    "setattr", "type", "len", "enumerate", "zip", "dict", "raw_input", "execfile", "format", "next",
))  # fmt: skip
#: Prefixes of names → the one name they are known by.
_SAME = (("posix.", "os."), ("nt.", "os."), ("builtins.", ""), ("posixpath.", "os.path."), ("simplejson.", "json."))


class TooMuch(Exception):
    """The program is longer than is followed."""


@dataclass(slots=True)
class Scope:
    """The names of a function or module, and what ``return`` gave."""

    names: dict[str, Thing] = field(default_factory=dict)
    returns: list[Thing] = field(default_factory=list)


def canonical(name: str) -> str:
    """One name for what has several."""
    for old, new in _SAME:
        if name.startswith(old):
            return new + name[len(old) :]
    return name


class Expressions:
    """Everything but statements."""

    def __init__(self, actions: Actions, holes: Sequence[Value], arguments: Sequence[Value]) -> None:
        self.actions = actions
        self.holes = holes
        self.arguments = arguments
        self.scope = Scope()
        self.functions: dict[str, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda] = {}
        self.attributes: dict[str, Thing] = {}
        self.depth = 0
        self.steps = 0

    def body(self, statements: Iterable[ast.stmt]) -> None:
        """Walk statements."""
        raise NotImplementedError

    def bind(self, target: ast.expr, found: Thing) -> None:
        """Assign to a target."""
        raise NotImplementedError

    def run(self, name: str, call: Arguments) -> Thing:
        """Walk the body of a function of this program."""
        raise NotImplementedError

    def rounds(self, iterable: Thing) -> Sequence[Thing]:
        """What a loop over something takes, bounded; one unknown where nothing is known."""
        if isinstance(iterable, Items) and iterable.values:
            return iterable.values[:MAX_ROUNDS]
        if isinstance(iterable, Fields):
            return [literal(key) for key in iterable.entries][:MAX_ROUNDS]
        if isinstance(iterable, Value) and iterable.unknown:
            return [iterable]
        if isinstance(iterable, Dotted) and code_clients.ROOTS.match(iterable.name):
            return [iterable]
        return [None]

    def value(self, node: ast.expr) -> Thing:
        self.steps += 1
        if self.steps > MAX_STEPS:
            raise TooMuch
        if isinstance(node, ast.Constant):
            return self.constant(node.value)
        if isinstance(node, ast.Name):
            if python_values.HOLE.fullmatch(node.id):
                return python_values.filled(node.id, self.holes)
            if node.id in self.scope.names:
                return self.scope.names[node.id]
            return Dotted(node.id) if node.id in _BUILTINS else None
        if isinstance(node, ast.JoinedStr):
            return concat([text(self.value(part)) for part in node.values])
        if isinstance(node, ast.FormattedValue):
            return text(self.value(node.value), ast.unparse(node.value))
        if isinstance(node, ast.Attribute):
            return self.attribute(node)
        if isinstance(node, ast.Call):
            return self.call(node)
        if isinstance(node, ast.BinOp):
            return self.operation(node)
        if isinstance(node, (ast.List, ast.Tuple, ast.Set)):
            return self.items(node.elts)
        if isinstance(node, ast.Dict):
            entries: dict[str, Thing] = {}
            for key, item in zip(node.keys, node.values, strict=True):
                found = self.value(item)
                name = text(self.value(key)).known if key is not None else None
                if name is not None:
                    entries[name] = found
                elif isinstance(found, Fields):
                    entries.update(found.entries)
                elif key is None and environment(found) is not None:
                    return found
            return Fields(entries)
        if isinstance(node, ast.Subscript):
            return self.subscript(node)
        if isinstance(node, (ast.ListComp, ast.GeneratorExp, ast.SetComp, ast.DictComp)):
            return self.comprehension(node)
        return self.other(node)

    def other(self, node: ast.expr) -> Thing:
        if isinstance(node, ast.NamedExpr):
            found = self.value(node.value)
            self.bind(node.target, found)
            return found
        if isinstance(node, ast.IfExp):
            self.value(node.test)
            first, second = self.value(node.body), self.value(node.orelse)
            return first if first is not None else second
        if isinstance(node, ast.BoolOp):
            found_values = [self.value(part) for part in node.values]
            return next((v for v in found_values if v is not None), None)
        if isinstance(node, (ast.Await, ast.Starred)):
            return self.value(node.value)
        if isinstance(node, ast.Lambda):
            name = f"lambda{node.lineno}.{node.col_offset}"
            self.functions[name] = node
            self.value(node.body)
            return Dotted(f"def:{name}")
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.expr):
                self.value(child)
        return None

    def constant(self, constant: object) -> Thing:
        if isinstance(constant, str):
            return python_values.filled(constant, self.holes)
        if isinstance(constant, bytes):
            return python_values.filled(constant.decode("utf-8", "surrogateescape"), self.holes)
        return literal(str(constant)) if constant is not None and constant is not Ellipsis else None

    def items(self, elements: Sequence[ast.expr]) -> Items:
        values: list[Thing] = []
        more = False
        for element in elements:
            found = self.value(element)
            if not isinstance(element, ast.Starred):
                values.append(found)
            elif isinstance(found, Items):
                values += found.values
                more |= found.open
            else:
                values.append(unknown(Origin.EXPANSION, "items", many=True))
        return Items(tuple(values), more)

    def operation(self, node: ast.BinOp) -> Thing:
        left, right = self.value(node.left), self.value(node.right)
        if isinstance(node.op, ast.Add):
            return python_values.added(left, right)
        if isinstance(node.op, ast.Mod) and isinstance(left, Value):
            return python_values.formatted(left, right)
        if isinstance(node.op, ast.Div) and (isinstance(left, Value) or isinstance(right, Value)):
            return python_values.joined_path((left, right))
        if isinstance(node.op, ast.Mult) and isinstance(left, Value) and isinstance(right, Value):
            known, count = left.known, right.known or ""
            if known is not None and count.isdigit() and int(count) * len(known) < 1000:
                return literal(known * int(count))
        return None

    def attribute(self, node: ast.Attribute) -> Thing:
        owner = self.value(node.value)
        if isinstance(owner, Dotted):
            name = f"{owner.name.removeprefix('obj:')}.{node.attr}"
            if name in self.attributes:
                return self.attributes[name]
            if owner.name in ("file", "response", "process") and node.attr in ("text", "content", "stdout", "body"):
                return owner.of[0] if owner.of and node.attr != "body" else owner
            return Dotted(canonical(name), owner.of)
        if isinstance(owner, Value):
            found = python_values.text_method(node.attr, owner, (), Fields(), self.actions.world.home)
            return found if node.attr in ("parent", "name", "stem") else Dotted(f"text.{node.attr}", (owner,))
        if isinstance(owner, (Items, Fields)):
            return Dotted(f"items.{node.attr}", (owner,))
        return Dotted(f"?.{node.attr}")

    def subscript(self, node: ast.Subscript) -> Thing:
        owner = self.value(node.value)
        if isinstance(node.slice, ast.Slice):
            if isinstance(owner, Dotted) and owner.name == "sys.argv":
                return Items(tuple(self.arguments), open=not self.arguments)
            return python_values.sliced(owner, node.slice)
        key = self.value(node.slice)
        known = key.known if isinstance(key, Value) else None
        if isinstance(owner, Dotted):
            if owner.name == "os.environ":
                return python_calls.CALLS["os.getenv"](self.actions, "os.environ", Arguments((key,), Fields()))
            if owner.name == "sys.argv" and known is not None and known.isdigit():
                index = int(known) - 1
                return self.arguments[index] if 0 <= index < len(self.arguments) else unknown(Origin.POSITIONAL, "argv")
            if known is not None and owner.name.endswith((".__dict__", "vars()", "globals()", "sys.modules")):
                base = owner.name.removesuffix(".__dict__")
                named = known if base in ("globals()", "sys.modules") else f"{base}.{known}"
                return Dotted(canonical(named), owner.of)
            return Dotted(f"{owner.name}[]", owner.of)
        if isinstance(owner, Fields) and known is not None:
            return owner.entries.get(known)
        if isinstance(owner, Items) and known is not None and known.lstrip("-").isdigit():
            index = int(known)
            return owner.values[index] if -len(owner.values) <= index < len(owner.values) else None
        return python_values.part_of(owner, key) if isinstance(owner, Value) else None

    def comprehension(self, node: ast.ListComp | ast.GeneratorExp | ast.SetComp | ast.DictComp) -> Thing:
        before = dict(self.scope.names)
        generator = node.generators[0]
        results: list[Thing] = []
        source = self.value(generator.iter)
        for item in self.rounds(source):
            self.bind(generator.target, item)
            for extra in node.generators[1:]:
                self.bind(extra.target, self.rounds(self.value(extra.iter))[0])
            for test in generator.ifs:
                self.value(test)
            if isinstance(node, ast.DictComp):
                self.value(node.key)
                results.append(self.value(node.value))
            else:
                results.append(self.value(node.elt))
        self.scope.names = before
        known = isinstance(source, Items) and not source.open and not generator.ifs and len(node.generators) == 1
        return Items(tuple(results), open=not known)

    # -------------------------------------------------------------------------------------- calls

    def call(self, node: ast.Call) -> Thing:
        function = self.value(node.func)
        named: dict[str, Thing] = {}
        for keyword in node.keywords:
            found = self.value(keyword.value)
            if keyword.arg is not None:
                named[keyword.arg] = found
            elif isinstance(found, Fields):
                named.update(found.entries)
        arguments = Arguments(self.items(node.args).values, Fields(named))
        if function is None and isinstance(node.func, ast.Call):
            inner = self.value(node.func.func)
            if isinstance(inner, Dotted) and inner.name == "getattr":
                self.actions.hidden("a function is called whose name the Python code puts together while it runs")
        return self.apply(function, arguments) if isinstance(function, Dotted) else None

    def apply(self, function: Dotted, call: Arguments) -> Thing:
        name = function.name
        if name.startswith("def:"):
            return self.run(name[4:], call)
        if name.startswith("class:"):
            return self.instance(name[6:], call)
        special = self.special(name, call)
        if special is not None:
            return special
        handler = python_calls.CALLS.get(name)
        if handler is not None:
            return handler(self.actions, name, call)
        owner, _, method = name.rpartition(".")
        if f"{owner}.{method}" in self.functions:
            return self.run(name, call)
        if owner == "text" and isinstance(function.of[0], Value):
            done, found = python_calls.path_method(self.actions, function.of[0], method, call)
            if done:
                return found
            return python_values.text_method(method, function.of[0], call.args, call.named, self.actions.world.home)
        if owner == "items":
            return self.collection(method, function.of[0], call)
        done, found = python_calls.method_call(self.actions, Dotted(owner, function.of), method, call)
        if done:
            return found
        self.called_back(call)
        pure = python_values.pure_call(
            name, call.args, call.named, self.actions.world.home, self.actions.invocation.cwd
        )  # fmt: skip
        if pure is not None:
            return pure
        return self.by_ending(owner, method, function, call)

    def called_back(self, call: Arguments) -> None:
        """Functions handed to another call, which may call them: ``map``, ``partial``, ``Thread(target=…, args=…)``."""
        every = (*call.args, *call.named.entries.values())
        for function in every:
            if not isinstance(function, Dotted) or function.name not in python_calls.CALLS:
                continue
            given = call.named.entries.get("args", Items(tuple(v for v in call.args if v is not function)))
            values = given.values if isinstance(given, Items) else (given,)
            if len(values) == 1 and isinstance(values[0], Items):  # one call for each
                for value in values[0].values[:50]:
                    self.apply(function, Arguments((value,), Fields()))
            self.apply(function, Arguments(tuple(values), Fields()))

    def by_ending(self, owner: str, method: str, function: Dotted, call: Arguments) -> Thing:
        """Calls on objects of which only the method's name is known."""
        if owner.startswith("sh.") or owner in ("sh", "plumbum.cmd"):
            return python_calls.CALLS.get("sh", python_calls._sh)(self.actions, function.name, call)
        if method in ("execute", "executescript", "executemany", "exec_driver_sql", "execute_sql"):
            return python_services.statement(self.actions, method, call, function)
        if method == "exec_command":
            python_calls._over_ssh(self.actions, function.name, None, method, call)
        elif method == "system" and owner not in ("platform",):
            self.actions.shell(call.get(0), function.name)
        elif method in ("flushall", "flushdb") and "." in function.name:
            self.actions.tool("redis-cli", method, name=function.name)
        elif code_clients.client_call(self.actions, function.name):
            pass
        elif method == "drop_all" or (method == "delete" and owner.endswith((".objects.all()", ".query()"))):
            python_services.whole_tables(self.actions, function.name, call)
        elif owner.startswith("elastic"):
            python_services.elastic(self.actions, function, call)
        elif method == "drop_database":
            self.actions.tool("mongosh", "--eval", "db.dropDatabase()", name=function.name)
        for argument in call.args:
            if isinstance(argument, Dotted) and argument.name.startswith("def:"):
                self.run(argument.name[4:], Arguments((), Fields()))
        return Dotted(f"{function.name}()", function.of)

    def special(self, name: str, call: Arguments) -> Thing:
        """Calls that reach code by its name or text; None where the call is another one."""
        if name in ("__import__", "importlib.import_module"):
            known = text(call.get(0, "name")).known
            if known is None:
                self.actions.hidden("a Python module is loaded whose name is put together while it runs")
                return Dotted("?")
            return Dotted(known)
        if name == "getattr" and len(call.args) > 1:
            owner, key = call.args[0], text(call.args[1]).known
            if isinstance(owner, Dotted) and key is not None:
                return Dotted(canonical(f"{owner.name}.{key}"), owner.of)
            if isinstance(owner, Dotted) and owner.name in ("os", "subprocess", "shutil", "builtins", "posix"):
                self.actions.hidden(
                    f"a function of {owner.name} is chosen by a name that is put together while it runs"
                )
                return Dotted("?")
            return None
        if name == "vars" and call.args and isinstance(call.args[0], Dotted):
            return Dotted(f"{call.args[0].name}.__dict__")
        if name in ("eval", "exec", "compile", "execfile", "runpy.run_path", "builtins.eval", "builtins.exec"):
            return self.evaluated(name, call)
        return None

    def evaluated(self, name: str, call: Arguments) -> Thing:
        code = call.get(0, "source")
        if name in ("execfile", "runpy.run_path"):
            found = python_calls.file_object(self.actions, text(code))
            code = found.of[0] if isinstance(found, Dotted) else None
        if name == "compile":
            return code or Dotted("code")
        known = code.known if isinstance(code, Value) else None
        if known is None or self.depth >= MAX_DEPTH:
            self.actions.runs(code, name)
            return Dotted("?")
        if isinstance(code, Value) and code.sources & {"decoded"}:
            self.actions.runs(code, name)
        try:
            tree = ast.parse(known.strip())
        except (SyntaxError, ValueError, RecursionError):
            return Dotted("?")
        self.depth += 1
        self.body(tree.body)
        self.depth -= 1
        last = tree.body[-1] if tree.body else None
        return (self.value(last.value) if isinstance(last, ast.Expr) and name == "eval" else None) or Dotted("?")

    def instance(self, name: str, call: Arguments) -> Thing:
        self.run(f"{name}.__init__", call)
        return Dotted(f"obj:{name}")

    def collection(self, method: str, owner: Thing, call: Arguments) -> Thing:
        first = call.get(0)
        if isinstance(owner, Fields):
            if method == "get":
                return owner.entries.get(text(first).known or "")
            if method in ("values", "items"):
                pairs = owner.entries.items()
                return Items(tuple(v if method == "values" else Items((literal(k), v)) for k, v in pairs))
            return Items(tuple(literal(key) for key in owner.entries)) if method == "keys" else None
        if isinstance(owner, Items) and method in ("append", "extend", "insert"):
            extra: Thing = Items((call.args[-1],)) if method != "extend" and call.args else first
            grown = python_values.added(owner, extra)
            for name, found in self.scope.names.items():
                if found is owner:
                    self.scope.names[name] = grown
        if isinstance(owner, Items) and method == "pop" and owner.values:
            return owner.values[-1]
        return None
