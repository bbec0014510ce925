"""Lists, conditions, ``case`` and pipelines: every way that is not evidently closed is gone."""

from __future__ import annotations

from agentguard.interpret import patterns
from agentguard.interpret.state import State, distinct, each
from agentguard.interpret.values import Truth, Value
from agentguard.light import replace
from agentguard.syntax.nodes import AndOr, Case, Command, If, Pipeline

TYPE_CHECKING = False
if TYPE_CHECKING:
    from agentguard.interpret.interpreter import Interpreter

MAX_STREAMS = 6


def and_or(shell: Interpreter, node: AndOr, state: State) -> list[State]:
    states = shell.command(node.commands[0], state)
    for operator, command in zip(node.operators, node.commands[1:], strict=True):
        wanted = operator == "&&"

        def step(s: State, command: Command = command, wanted: bool = wanted) -> list[State]:
            if s.success is not None:
                return shell.command(command, s) if s.success == wanted else [s]
            shell.guesses.append(len(shell.operations))
            skipped = s.fork()
            skipped.success = not wanted
            s.success = wanted
            return [*shell.command(command, s), skipped]

        states = each(states, step)
    return states


def condition_chain(shell: Interpreter, node: If, state: State) -> list[State]:
    pending = [state]
    done: list[State] = []
    for condition, body in node.branches:
        if not pending:
            break
        taken: list[State] = []
        failed: list[State] = []
        for end in shell.script(condition, pending):
            if end.ended:
                done.append(end)
                continue
            if end.success is None:
                shell.guesses.append(len(shell.operations))
            if end.success is not False:
                taken.append(end.fork())
            if end.success is not True:
                failed.append(end)
        done += shell.script(body, distinct(taken)) if taken else []
        pending = distinct(failed)
    if pending and node.otherwise is not None:
        done += shell.script(node.otherwise, pending)
    else:
        for end in pending:
            end.success = True
        done += pending
    return distinct(done)


def case(shell: Interpreter, node: Case, state: State) -> list[State]:
    subject = shell.expander.string(node.subject, state)
    done: list[State] = []
    waiting = [state]
    falling: list[State] = []
    for arm in node.arms:
        entered = falling
        falling = []
        if waiting:
            truth = Truth.NO
            for pattern in arm.patterns:
                truth = max(truth, patterns.matches(subject, shell.expander.pattern(pattern, waiting[0])))
            if truth is Truth.YES:
                entered, waiting = entered + waiting, []
            elif truth is Truth.MAYBE:
                shell.guesses.append(len(shell.operations))
                entered = entered + [s.fork() for s in waiting]
        if not entered:
            continue
        ends = shell.script(arm.body, distinct(entered))
        if arm.terminator == ";;":
            done += ends
        elif arm.terminator == ";&":
            falling = ends
        else:
            waiting = distinct(waiting + ends)
    return distinct(done + falling + waiting)


def pipeline(shell: Interpreter, node: Pipeline, state: State) -> list[State]:
    if len(node.commands) == 1:
        states = shell.command(node.commands[0], state)
    else:
        states = _pipe(shell, node, state)
    if node.negated:
        for end in states:
            end.success = None if end.success is None else not end.success
    return states


def _pipe(shell: Interpreter, node: Pipeline, state: State) -> list[State]:
    streams: list[Value | None] = [state.stdin]
    last = len(node.commands) - 1
    outer = state.frame
    piped = replace(outer, tags=outer.tags | {"piped"})
    ends: list[State] = []
    for i, command in enumerate(node.commands):
        following: list[Value | None] = []
        ends = []
        for stream in streams[:MAX_STREAMS]:
            inner = state.fork()
            inner.frame = piped
            inner.traps = {}
            inner.stdin = stream
            if i < last:
                inner.out = []
            for end in shell.finish(shell.command(command, inner)):
                state.created |= end.created
                state.wrote(end.written)
                if i == last:
                    ends.append(end)
                elif end.output not in following:
                    following.append(end.output)
        streams = following
    results = []
    for end in ends:
        after = state.fork()
        after.out = end.out
        after.success = end.success
        results.append(after)
    return distinct(results)
