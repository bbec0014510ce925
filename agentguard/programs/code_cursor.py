"""One expression of a program text that is only tokens: operands, members, subscripts, calls."""

from __future__ import annotations

import re
from collections.abc import Sequence

from agentguard.interpret.values import Origin, Value, literal, unknown
from agentguard.programs import python_values
from agentguard.programs.actions import Dotted, Fields, Items, Thing, text
from agentguard.programs.code_clients import ROOTS
from agentguard.programs.code_computing import ENVIRONMENTS, PROPERTIES, computed, variable
from agentguard.programs.lexing import Token

TYPE_CHECKING = False
if TYPE_CHECKING:
    from agentguard.programs.code_reading import CodeReader

#: Names longer than this are cut: a chain of calls only needs its last part.
MAX_NAME = 120
MAX_STEPS = 60_000
#: Words that end a call without parentheses.
_ENDS = frozenset((";", "if", "unless", "or", "and", "while", "do", "for", "&&", "||"))

#: Methods that hand the items of a list to a block or function.
_EACH = frozenset(
    ("each", "map", "each_entry", "select", "reject", "find_all", "each_with_index", "flat_map", "filter", "forEach")
)


class Cursor:
    """Reads one expression from a place on."""

    def __init__(self, reader: CodeReader, found: Sequence[Token], at: int) -> None:
        self.reader = reader
        self.found = found
        self.at = at

    def peek(self) -> Token:
        return self.found[self.at] if self.at < len(self.found) else Token("end", "")

    def skip_lines(self) -> None:
        while self.peek().kind == "line":
            self.at += 1

    def expression(self) -> Thing:
        """Operands joined by the language's concatenation; anything else ends with what is known so far."""
        self.reader.steps += 1
        if self.reader.steps > MAX_STEPS:
            return None
        self.skip_lines()
        value = self.postfix()
        while True:
            here = self.at
            if self.peek().kind == "line":
                self.skip_lines()
                if self.peek().text not in self.reader.grammar.syntax.concat:
                    self.at = here
                    return value
            if self.peek().kind == "operator" and self.peek().text in self.reader.grammar.syntax.concat:
                self.at += 1
                self.skip_lines()
                value = python_values.added(value, self.postfix())
            elif self.peek().text in ("||", "??", "or") and value is None:
                self.at += 1
                self.skip_lines()
                value = self.postfix()
            else:
                return value

    def primary(self) -> tuple[Thing, str]:
        """A value and, for a name, the name it is called by."""
        token = self.peek()
        self.at += 1
        if token.kind == "text":
            return self.reader.text_of(token), ""
        if token.kind == "shell":
            return unknown(Origin.OUTPUT, "a command", many=True), ""
        if token.kind == "words":
            return Items(tuple(literal(word) for word in str(self.reader.text_of(token)).split())), ""
        if token.kind == "number":
            return literal(token.text), ""
        if token.kind == "name":
            if token.text in ("await", "new", "return", "my", "local", "our", "typeof", "void", "not", "echo", "print"):
                if self.peek().kind in ("name", "text", "shell"):
                    return self.primary()
            hole = python_values.HOLE.fullmatch(token.text)
            if hole:
                return python_values.filled(token.text, self.reader.holes), ""
            bound = self.reader.names.get(token.text)
            if bound is not None:
                return bound, bound.name if isinstance(bound, Dotted) else ""
            return Dotted(token.text), token.text
        if token.text == ":" and self.reader.grammar.name == "ruby" and self.peek().kind == "name":
            self.at += 1
            return literal(self.found[self.at - 1].text), ""
        if token.text == "(":
            end = self.reader.closing(self.found, self.at - 1)
            inside = self.found[self.at : end]
            self.at = end + 1
            if self.reader.grammar.name == "perl" and any(part.text == "," for part in inside):
                return Items(tuple(self.arguments(inside))), ""
            value = Cursor(self.reader, inside, 0).expression()
            return value, value.name if isinstance(value, Dotted) else ""
        if token.text == "[":
            end = self.reader.closing(self.found, self.at - 1)
            items = self.arguments(self.found[self.at : end])
            self.at = end + 1
            if self.reader.grammar.name == "php" and len(items) == 1 and isinstance(items[0], Fields):
                return items[0], ""  # [key => value]
            return Items(tuple(items)), ""
        if token.text == "{":
            end = self.reader.closing(self.found, self.at - 1)
            fields = self.fields(self.found[self.at : end])
            self.at = end + 1
            return fields, ""
        return None, ""

    def fields(self, inside: Sequence[Token]) -> Fields:
        entries: dict[str, Thing] = {}
        for part in split(inside, ","):
            part = [token for token in part if token.kind != "line"]
            if len(part) == 1 and part[0].kind == "name":
                entries[part[0].text] = self.reader.names.get(part[0].text)
                continue
            for place, token in enumerate(part[:3]):
                if token.text in (":", "=>", "=", "->") and place:
                    key = part[place - 1]
                    name = str(self.reader.text_of(key)) if key.kind == "text" else key.text
                    entries[name] = Cursor(self.reader, part, place + 1).expression()
                    break
        return Fields(entries)

    def arguments(self, inside: Sequence[Token]) -> list[Thing]:
        """Arguments; trailing ``key: value`` pairs without braces make one set of fields."""
        values: list[Thing] = []
        loose: list[Token] = []
        for part in split(inside, ","):
            meant = [token for token in part if token.kind != "line"]
            if not meant:
                continue
            keyed = len(meant) > 2 and meant[0].kind in ("name", "text") and meant[1].text in (":", "=>", "=")
            keyed |= len(meant) > 2 and meant[0].text == ":" and meant[2].text == "=>"
            if keyed:
                loose += [*(meant[1:] if meant[0].text == ":" else meant), Token("operator", ",")]
            elif meant[0].text in ("...", "*") and len(meant) > 1:
                spread = Cursor(self.reader, meant, 1).expression()
                values += spread.values if isinstance(spread, Items) else (None,)
            else:
                values.append(Cursor(self.reader, meant, 0).expression())
        if loose:
            values.append(self.fields(loose))
        return values

    def postfix(self) -> Thing:
        """A primary with its members, subscripts and calls."""
        value, name = self.primary()
        grammar = self.reader.grammar
        while True:
            self.reader.steps += 1
            token = self.peek()
            if token.kind == "line" and self._chain_goes_on():
                self.skip_lines()
                continue
            if token.text in grammar.separators and token.kind == "operator":
                following = self.found[self.at + 1] if self.at + 1 < len(self.found) else Token("end", "")
                if following.kind == "name":
                    self.at += 2
                    value, name = self._member(value, name, following.text)
                    continue
                if following.text not in ("(", "["):
                    return value
                self.at += 1
                continue
            if token.text == "(" and token.kind == "operator":
                if grammar.name == "node" and isinstance(value, Dotted):
                    self._arrow(value, name)
                end = self.reader.closing(self.found, self.at)
                given = self.arguments(self.found[self.at + 1 : end])
                self.at = end + 1
                value, name = self._called(value, name, given)
                continue
            if token.text == "[" and token.kind == "operator" and name not in grammar.bare:
                end = self.reader.closing(self.found, self.at)
                key = Cursor(self.reader, self.found[self.at + 1 : end], 0).expression()
                self.at = end + 1
                value, name = self._subscript(value, name, key)
                continue
            if token.text == "{" and name.startswith("$"):
                end = self.reader.closing(self.found, self.at)
                inner = self.found[self.at + 1 : end]
                key = literal(inner[0].text) if len(inner) == 1 and inner[0].kind == "name" else None
                self.at = end + 1
                value, name = self._subscript(value, name, key or Cursor(self.reader, inner, 0).expression())
                continue
            if grammar.name == "ruby" and isinstance(value, Dotted):
                if self._block(value, name):
                    return value
                known = f"?.{name.rpartition('.')[2]}" in grammar.endings or ROOTS.match(name)
                if "." in name and token.kind in ("line", "end") and known:
                    found = self.reader.call(name, (), value)  # a method without arguments
                    return value if found is None else found
            if grammar.name == "perl" and name in ("exec", "system") and token.text == "{":
                self.at = self.reader.closing(self.found, self.at) + 1  # exec {PROGRAM} LIST
                token = self.peek()
            if name and self._bare_call(name, token):
                given = self.arguments(self._rest_of_line())
                return self.reader.call(name, given, value)
            return value

    def _block(self, value: Dotted, name: str) -> bool:
        """``list.each { |item| … }``: the name of the block is one of the list, or each of them."""
        ahead = [token.text for token in self.found[self.at : self.at + 4]]
        if name.rpartition(".")[2] not in _EACH or len(ahead) < 4 or ahead[0] not in ("{", "do"):
            return False
        if ahead[1] == ahead[3] == "|":
            self._one_of(value, ahead[2])
        return True

    def _arrow(self, value: Dotted, name: str) -> None:
        """``list.forEach(item => …)``, ``list.forEach((item) => …)``: the same in JavaScript."""
        ahead = [token.text for token in self.found[self.at + 1 : self.at + 5] if token.kind != "line"]
        if ahead[:1] == ["async"]:
            ahead = ahead[1:]
        if name.rpartition(".")[2] in _EACH and len(ahead) > 2:
            if ahead[1] == "=>":
                self._one_of(value, ahead[0])
            elif ahead[0] == "(" and ahead[2] in (")", ","):
                self._one_of(value, ahead[1])

    def _one_of(self, value: Dotted, name: str) -> None:
        """Bind a name to the items of a list, one standing for all where there is only one."""
        owner = value.of[0] if value.of else None
        if isinstance(owner, Items) and owner.values:
            self.reader.names[name] = owner.values[0] if len(owner.values) == 1 else owner

    def _chain_goes_on(self) -> bool:
        ahead = self.at
        while ahead < len(self.found) and self.found[ahead].kind == "line":
            ahead += 1
        return ahead < len(self.found) and self.found[ahead].text in (".", "?.", "->")

    def _member(self, value: Thing, name: str, member: str) -> tuple[Thing, str]:
        if isinstance(value, Dotted):
            if value.name in ENVIRONMENTS and self.peek().text != "(":
                return variable(self.reader, member), ""
            full = self.reader.canonical(f"{value.name}.{member}")
            if full in PROPERTIES and self.peek().text != "(":
                return computed(self.reader, full, (), value), ""
            return Dotted(full, value.of), full
        if isinstance(value, Fields) and member in value.entries:
            return value.entries[member], ""
        return Dotted(f"?.{member}", (value,)), f"?.{member}"

    def _subscript(self, value: Thing, name: str, key: Thing) -> tuple[Thing, str]:
        known = key.known if isinstance(key, Value) else None
        if isinstance(value, Dotted):
            if value.name in ENVIRONMENTS:
                return variable(self.reader, known), ""
            if value.name == "Dir" and isinstance(key, Value):
                return computed(self.reader, "Dir.glob", (key,), value), ""
            if known is not None and re.fullmatch(r"\w+", known) and not known.isdigit():
                return self._member(value, name, known)
            if known is None and value.name in ("child_process", "fs", "process", "globalThis"):
                self.reader.actions.hidden(f"a function of {value.name} is chosen by a name put together while it runs")
            return Dotted(f"{value.name}[]", value.of), ""
        if isinstance(value, Fields) and known is not None:
            return value.entries.get(known), ""
        if isinstance(value, Items) and known is not None and known.isdigit() and int(known) < len(value.values):
            return value.values[int(known)], ""
        return None, ""

    def _called(self, value: Thing, name: str, given: list[Thing]) -> tuple[Thing, str]:
        if not name and isinstance(value, Value) and value.known and self.reader.grammar.name == "php":
            name = value.known  # PHP calls a function by the name that a variable holds
        if not name:
            return None, ""
        if name in self.reader.grammar.requires:
            module = text(given[0]).known if given else None
            if module is None:
                return None, ""
            if module.startswith("."):
                self.reader.actions.opaque(f"the module {module} is not read")
            full = self.reader.canonical(module)
            return Dotted(full), full
        result = self.reader.call(name, given, value)
        if result is None:
            short = self.reader.canonical(f"{name}()")[-MAX_NAME:]
            return Dotted(short, value.of if isinstance(value, Dotted) else ()), short
        return result, result.name if isinstance(result, Dotted) else ""

    def _bare_call(self, name: str, token: Token) -> bool:
        last = re.split(r"\.|::", name)[-1]
        if last not in self.reader.grammar.bare and name not in self.reader.grammar.bare:
            return False
        return token.kind in ("text", "name", "words", "number", "shell") or token.text in ("[", "{", "<", "*", ":")

    def _rest_of_line(self) -> Sequence[Token]:
        end = self.at
        depth = 0
        while end < len(self.found):
            token = self.found[end]
            if token.kind == "operator" and token.text in ("(", "[", "{"):
                depth += 1
            elif token.kind == "operator" and token.text in (")", "]", "}"):
                depth -= 1
                if depth < 0:
                    break
            elif not depth:
                if token.text in _ENDS and token.kind != "text":
                    break
                if token.kind == "line" and self.found[end - 1].text != ",":
                    break
            end += 1
        inside = self.found[self.at : end]
        self.at = end
        return inside


def pairs(found: Sequence[Token]) -> dict[int, int]:
    """The place of each opening bracket → that of the one that closes it."""
    open_at: list[int] = []
    result: dict[int, int] = {}
    for place, token in enumerate(found):
        if token.kind == "operator":
            if token.text in ("(", "[", "{"):
                open_at.append(place)
            elif token.text in (")", "]", "}") and open_at:
                result[open_at.pop()] = place
    return result


def split(found: Sequence[Token], separator: str) -> list[list[Token]]:
    """Tokens cut at a separator outside of brackets."""
    parts: list[list[Token]] = [[]]
    depth = 0
    for token in found:
        if token.kind == "operator" and token.text in ("(", "[", "{"):
            depth += 1
        elif token.kind == "operator" and token.text in (")", "]", "}"):
            depth -= 1
        if not depth and token.kind == "operator" and token.text == separator:
            parts.append([])
        else:
            parts[-1].append(token)
    return parts
