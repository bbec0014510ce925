"""The one walk over the tree, for whoever needs to see everything in it."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from agentguard.syntax.nodes import (
    AndOr,
    Arithmetic,
    ArithmeticCommand,
    ArithmeticFor,
    ArrayElement,
    ArrayLiteral,
    Assignment,
    Brace,
    Case,
    CaseArm,
    Command,
    CommandSubstitution,
    Conditional,
    Coproc,
    For,
    Function,
    Glob,
    Group,
    Heredoc,
    If,
    Parameter,
    Part,
    Pipeline,
    ProcessSubstitution,
    Redirect,
    Script,
    Simple,
    Statement,
    Subshell,
    Text,
    Tilde,
    While,
    Word,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

Node = Command | Part | Word | Assignment | Redirect | Heredoc | Script | Statement | CaseArm | ArrayElement


def children(node: Node) -> tuple[Node, ...]:
    """The nodes directly below ``node``, in the order in which they stand."""
    return _CHILDREN[type(node)](node)


def nodes(root: Node) -> Iterator[Node]:
    """``root`` and everything below it, parents first, in order."""
    stack: list[Node] = [root]
    while stack:
        node = stack.pop()
        yield node
        stack.extend(reversed(_CHILDREN[type(node)](node)))


def contexts(script: Script) -> Iterator[Script]:
    """``script`` and the script of every substitution anywhere below it."""
    yield script
    for node in nodes(script):
        if isinstance(node, CommandSubstitution | ProcessSubstitution):
            yield node.script


def commands(script: Script) -> Iterator[tuple[Script, Simple]]:
    """Every simple command anywhere, with the context it stands in (the whole text or a substitution).

    One context after the other, each in order.
    """
    for context in contexts(script):
        for node in shallow(context):
            if isinstance(node, Simple):
                yield context, node


def shallow(context: Node) -> Iterator[Node]:
    """The nodes of one context: the scripts of substitutions inside are left out."""
    stack: list[Node] = [context]
    while stack:
        node = stack.pop()
        yield node
        if not isinstance(node, CommandSubstitution | ProcessSubstitution):
            stack.extend(reversed(_CHILDREN[type(node)](node)))


def functions(script: Script) -> Iterator[Function]:
    """Every function that a text defines itself, not in a substitution. Words are not looked into."""
    stack: list[Node] = [script]
    while stack:
        node = stack.pop()
        if isinstance(node, Function):
            yield node
        if not isinstance(node, Simple | Word | Conditional | ArithmeticCommand):
            stack.extend(reversed(_CHILDREN[type(node)](node)))


def _branches(node: If) -> tuple[Node, ...]:
    found = [script for branch in node.branches for script in branch]
    if node.otherwise is not None:
        found.append(node.otherwise)
    return (*found, *node.redirects)


def _index(node: Parameter | Assignment | ArrayElement) -> tuple[Node, ...]:
    return () if node.index is None else (node.index,)


_CHILDREN: dict[type, Callable[[Any], tuple[Node, ...]]] = {
    Text: lambda node: (),
    Glob: lambda node: (),
    Tilde: lambda node: (),
    Parameter: lambda node: (*_index(node), *node.words),
    CommandSubstitution: lambda node: (node.script,),
    ProcessSubstitution: lambda node: (node.script,),
    Arithmetic: lambda node: (node.expression,),
    Brace: lambda node: node.alternatives,
    ArrayLiteral: lambda node: node.elements,
    ArrayElement: lambda node: (*_index(node), node.value),
    Word: lambda node: node.parts,
    Assignment: lambda node: (*_index(node), node.value),
    Heredoc: lambda node: (node.body,),
    Redirect: lambda node: (node.target,) if node.heredoc is None else (node.target, node.heredoc),
    Simple: lambda node: (*node.assignments, *node.words, *node.redirects),
    Pipeline: lambda node: node.commands,
    AndOr: lambda node: node.commands,
    Statement: lambda node: (node.command,),
    Script: lambda node: node.statements,
    Subshell: lambda node: (node.body, *node.redirects),
    Group: lambda node: (node.body, *node.redirects),
    If: _branches,
    For: lambda node: (*(node.words or ()), node.body, *node.redirects),
    ArithmeticFor: lambda node: (*node.clauses, node.body, *node.redirects),
    While: lambda node: (node.condition, node.body, *node.redirects),
    CaseArm: lambda node: (*node.patterns, node.body),
    Case: lambda node: (node.subject, *node.arms, *node.redirects),
    Function: lambda node: (node.body,),
    Conditional: lambda node: (*node.words, *node.redirects),
    ArithmeticCommand: lambda node: (node.expression, *node.redirects),
    Coproc: lambda node: (node.command,),
}
