"""A reader for program text that is only tokens: it follows constants and looks at every call.

Whether a call is reached is not asked: what stands in the text counts.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from agentguard.interpret.values import EMPTY, Value, concat
from agentguard.light import dataclass, field
from agentguard.programs import python_values
from agentguard.programs.actions import Actions, Dotted, Fields, Items, Thing, text
from agentguard.programs.code_computing import computed
from agentguard.programs.code_cursor import MAX_NAME, MAX_STEPS, Cursor, pairs, split
from agentguard.programs.lexing import Syntax, Token, tokens


@dataclass(frozen=True, slots=True)
class Grammar:
    """What differs between languages beyond their tokens.

    ``handler`` sees every call: (reader, full name, arguments, what it is called on); it returns whether it knows it
    and what the call gives. ``bare``: calls may be written without parentheses (Ruby, Perl). ``modules`` are calls
    and words that load a module. ``aliases`` map beginnings of names to others. ``endings`` are the calls known by
    their last name alone, which Ruby may write without anything behind them.
    """

    name: str
    syntax: Syntax
    handler: Callable[[CodeReader, str, Sequence[Thing], Thing], tuple[bool, Thing]]
    bare: frozenset[str] = frozenset()
    requires: frozenset[str] = frozenset()
    aliases: Mapping[str, str] = field(default_factory=dict)
    separators: tuple[str, ...] = (".", "?.", "::", "->")
    endings: frozenset[str] = frozenset()


class CodeReader:
    """One program text: names bound so far, and the walk over its tokens."""

    def __init__(self, grammar: Grammar, actions: Actions, holes: Sequence[Value]) -> None:
        self.grammar = grammar
        self.actions = actions
        self.holes = holes
        self.names: dict[str, Thing] = {}
        self.steps = 0
        self._pairs: dict[int, tuple[Sequence[Token], dict[int, int]]] = {}

    def read(self, source: str) -> None:
        """Walk the whole text."""
        found = tokens(source, self.grammar.syntax)
        self.walk(found)

    def walk(self, found: Sequence[Token]) -> None:
        separators = self.grammar.separators
        for index, token in enumerate(found):
            self.steps += 1
            if self.steps > MAX_STEPS:
                self.actions.opaque("this program is too long to follow to its end")
                return
            for part in token.parts:
                if not isinstance(part, str):
                    self.walk(part)
            before = found[index - 1].text if index else ""
            if token.kind == "shell":
                self.actions.shell(self.text_of(token), "backticks")
            elif token.kind == "name" and before not in separators:
                self._bind(found, index)
                Cursor(self, found, index).postfix()
            elif token.kind == "text" and before == "$" and self.grammar.name == "node":  # zx and bun: $`command`
                self.actions.shell(self.text_of(token), "$")
            elif self._called_on(found, index):
                Cursor(self, found, index).postfix()
            elif token.text in ("(", "[", "{") and token.kind == "operator":
                self._destructured(found, index)

    def _called_on(self, found: Sequence[Token], index: int) -> bool:
        """A text or list that is written out, and a call on it: ``[a, b].each``."""
        token = found[index]
        if token.kind in ("text", "words"):
            return index + 1 < len(found) and found[index + 1].text in self.grammar.separators
        if token.text != "[" or token.kind != "operator":
            return False
        end = self.closing(found, index)
        before = found[index - 1] if index else Token("line", "")
        listed = before.kind not in ("name", "text", "words") and before.text not in (")", "]")
        return listed and end + 1 < len(found) and found[end + 1].text in self.grammar.separators

    # -------------------------------------------------------------------------------- bindings

    def _bind(self, found: Sequence[Token], index: int) -> None:
        """``name = expression``, ``import name from 'module'``, ``local name = …``."""
        name = found[index].text
        following = found[index + 1].text if index + 1 < len(found) else ""
        if following in ("=", ":=", "<-", "+=", ".="):
            value = Cursor(self, found, index + 2).expression()
            if following in ("+=", ".="):
                value = python_values.added(self.names.get(name), value)
            self.names[name] = value
        elif following in ("of", "in") and any(token.text == "for" for token in found[max(0, index - 3) : index]):
            items = Cursor(self, found, index + 2).expression()  # for (const name of list), for name in list
            if isinstance(items, Items) and items.values and (following == "of" or self.grammar.name == "ruby"):
                self.names[name] = items.values[0] if len(items.values) == 1 else items
        elif name == "import" and index + 1 < len(found):
            self._import(found, index + 1)
        elif name in ("use", "require", "include", "require_once", "include_once") and index + 1 < len(found):
            path = str(self.text_of(found[index + 1])) if found[index + 1].kind == "text" else ""
            if path.startswith((".", "/")) or path.endswith(".php"):
                self.actions.opaque(f"{name} of another file is not followed")

    def _import(self, found: Sequence[Token], index: int) -> None:
        line = []
        for token in found[index : index + 60]:
            line.append(token)
            if token.kind == "text" or token.text == ";":
                break
        if not line or line[-1].kind != "text":
            return
        module = self.text_of(line[-1]).known or ""
        words = [token.text for token in line if token.kind == "name"]
        braces = [i for i, token in enumerate(line) if token.text == "{"]
        outer = line[: braces[0]] if braces else line
        for token in outer:
            if token.kind == "name" and token.text not in ("from", "as", "type"):
                self.names[token.text] = Dotted(self.canonical(module))
        if braces:
            pairs = "".join(f"{t.text} " for t in line[braces[0] + 1 :] if t.kind == "name" or t.text == ",").split(",")
            for pair in pairs:
                parts = [word for word in pair.split() if word not in ("from", "type")]
                if parts:
                    self.names[parts[-1]] = Dotted(self.canonical(f"{module}.{parts[0]}"))
        if module.startswith(".") and words:
            self.actions.opaque(f"the module {module} is not read")

    def _destructured(self, found: Sequence[Token], index: int) -> None:
        """``{a: b, c} = expression`` and ``[a, b] = …``: names of a module."""
        if found[index].text != "{":
            return
        end = self.closing(found, index)
        if end + 1 >= len(found) or found[end + 1].text != "=":
            return
        owner = Cursor(self, found, end + 2).expression()
        for part in split(found[index + 1 : end], ","):
            named = [token.text for token in part if token.kind == "name"]
            if named and isinstance(owner, Dotted):
                self.names[named[-1]] = Dotted(self.canonical(f"{owner.name}.{named[0]}"))
            elif named and isinstance(owner, Fields):
                self.names[named[-1]] = owner.entries.get(named[0])

    def canonical(self, name: str) -> str:
        for old, new in self.grammar.aliases.items():
            if name == old or name.startswith((f"{old}.", f"{old}/")) or (old[-1] in ".:/" and name.startswith(old)):
                return new + name[len(old) :]
        return name

    def closing(self, found: Sequence[Token], index: int) -> int:
        """The place of the bracket that closes the one at ``index``, or the end."""
        known = self._pairs.get(id(found))
        if known is None:
            if len(self._pairs) > 256:
                self._pairs.clear()
            known = self._pairs[id(found)] = (found, pairs(found))  # holds the list, so that its id stays its own
        return known[1].get(index, len(found))

    # ----------------------------------------------------------------------------------- values

    def text_of(self, token: Token) -> Value:
        parts: list[Value] = []
        for part in token.parts:
            if isinstance(part, str):
                parts.append(python_values.filled(part, self.holes))
            else:
                parts.append(text(Cursor(self, part, 0).expression()))
        return concat(parts) if parts else EMPTY

    def call(self, name: str, arguments: Sequence[Thing], owner: Thing) -> Thing:
        """The value of a call; the language's handler first, then what only computes."""
        name = self.canonical(name)[-MAX_NAME:]
        known, value = self.grammar.handler(self, name, arguments, owner)
        if known:
            return value
        return computed(self, name, arguments, owner)
