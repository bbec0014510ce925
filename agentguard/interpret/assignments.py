"""Assignments to variables and arrays, and the variables whose text bash runs by itself."""

from __future__ import annotations

from agentguard.interpret import texts
from agentguard.interpret.state import State, Variable
from agentguard.interpret.values import EMPTY, Value, concat, literal
from agentguard.syntax.nodes import ArrayLiteral, Assignment, Word

TYPE_CHECKING = False
if TYPE_CHECKING:
    from agentguard.interpret.interpreter import Interpreter

#: Variables whose text bash expands or runs by itself.
RUN_BY_BASH = frozenset({"PS4", "PROMPT_COMMAND", "PS1", "PS0", "PS2"})


def assign(shell: Interpreter, assignment: Assignment, state: State) -> None:
    parts = assignment.value.parts
    name = assignment.name
    if parts and isinstance(parts[-1], ArrayLiteral):
        assign_array(shell, name, parts[-1], assignment.append, state)
        return
    value = shell.expander.string(assignment.value, state)
    variable = state.variables.get(name)
    if variable is not None and variable.integer:
        shell.rescan(value, state)
        value = shell.expander.arithmetic_text(value, state)
    if assignment.index is not None:
        key = shell.expander.subscript(assignment.index, state)
        if key is not None and not key.isdigit():
            shell.expander.arithmetic_text(literal(key), state)  # a variable named there is evaluated in turn
        array = dict(variable.array or {}) if variable is not None else {}
        if key is None:
            array[f"?{len(array)}"] = value
        else:
            array[key] = concat((array.get(key, EMPTY), value)) if assignment.append else value
        exported = variable is not None and variable.exported
        state.variables[name] = Variable(array.get("0", EMPTY), exported, array)
        return
    if assignment.append:
        value = concat((shell.expander.runner_variable(name, state) or EMPTY, value))
    state.put(name, value)
    if name in RUN_BY_BASH:
        shell.rescan(value, state)
        if name == "PROMPT_COMMAND":
            texts.run(shell, value, state.fork(), name, assignment.span)


def assign_array(shell: Interpreter, name: str, literal_array: ArrayLiteral, append: bool, state: State) -> None:
    old = state.variables.get(name)
    array: dict[str, Value] = dict(old.array or {}) if append and old is not None else {}
    position = 1 + max((int(k) for k in array if k.isdigit()), default=-1)
    for element in literal_array.elements:
        if element.index is not None:
            key = shell.expander.subscript(element.index, state)
            array[key if key is not None else f"?{len(array)}"] = shell.expander.string(element.value, state)
            position = int(key) + 1 if key is not None and key.isdigit() else position
            continue
        for value in shell.expander.fields(element.value, state):
            array[str(position)] = value
            position += 1
    state.variables[name] = Variable(array.get("0", EMPTY), old is not None and old.exported, array)


def declared_array(shell: Interpreter, word: Word, state: State) -> bool:
    if not word.parts or not isinstance(word.parts[-1], ArrayLiteral):
        return False
    name = array_name(word)
    assign_array(shell, name.removesuffix("+"), word.parts[-1], name.endswith("+"), state)
    return True


def array_name(word: Word) -> str:
    return "".join(getattr(part, "value", "") for part in word.parts[:-1]).removesuffix("=")
