"""Trees as short text, for tests."""

from __future__ import annotations

from agentguard.syntax.nodes import (
    Arithmetic,
    ArrayLiteral,
    Assignment,
    Brace,
    CommandSubstitution,
    Glob,
    Parameter,
    Part,
    ProcessSubstitution,
    Redirect,
    Script,
    Simple,
    Text,
    Tilde,
    Word,
)
from agentguard.syntax.walk import Node, commands


def argv(script: Script) -> list[str]:
    """All simple commands anywhere in the tree, in short form."""
    return [show(command) for _, command in commands(script)]


def show(node: Node) -> str:
    match node:
        case Simple():
            return " ".join(map(show, (*node.assignments, *node.words, *node.redirects)))
        case Word():
            return "".join(map(show, node.parts)) or "∅"
        case Assignment():
            index = f"[{show(node.index)}]" if node.index else ""
            return f"{node.name}{index}{'+' if node.append else ''}={show(node.value)}"
        case Redirect():
            name = "" if node.descriptor is None else f"{{{node.descriptor}}}"
            body = f"«{show(node.heredoc.body)}»" if node.heredoc else ""
            return f"{name}{node.operator}{show(node.target)}{body}"
        case _:
            return _part(node)


def _part(part: Node | Part) -> str:
    match part:
        case Text():
            return f"'{part.value}'" if part.quoted else part.value
        case Glob():
            return f"<{part.pattern}>"
        case Tilde():
            return f"<~{part.user}>"
        case Parameter():
            index = f"[{show(part.index)}]" if part.index else ""
            words = "|".join(map(show, part.words))
            inside = f"{part.prefix}{part.name}{index}{' ' if part.operator else ''}{part.operator}"
            text = f"${{{inside}{' ' if words else ''}{words}}}"
            return f'"{text}"' if part.quoted else text
        case CommandSubstitution():
            text = f"$({'; '.join(show(s.command) for s in part.script.statements)})"
            return f'"{text}"' if part.quoted else text
        case ProcessSubstitution():
            return f"{part.direction}({'; '.join(show(s.command) for s in part.script.statements)})"
        case Arithmetic():
            return f"$(({show(part.expression)}))"
        case Brace():
            return "{" + ",".join(map(show, part.alternatives)) + ("…" if part.truncated else "") + "}"
        case ArrayLiteral():
            elements = (f"[{show(e.index)}]={show(e.value)}" if e.index else show(e.value) for e in part.elements)
            return f"({' '.join(elements)})"
    return type(part).__name__
