"""A rule against an operation: does it hold, how surely, and what comes of it."""

from __future__ import annotations

from agentguard.interpret.invocation import Invocation
from agentguard.interpret.values import Truth
from agentguard.operations import (
    CodeExecution,
    CredentialRead,
    CredentialUse,
    DeviceWrite,
    FileDelete,
    FileMove,
    FileOverwrite,
    FileRead,
    GraphqlOperation,
    HttpRequest,
    Opaque,
    Operation,
    PermissionChange,
    PolicyTamper,
    ProcessBomb,
    ProgramCall,
    SqlStatement,
)
from agentguard.rulebook.conditions import Case, all_hold, none_holds
from agentguard.rulebook.match_call import match_call
from agentguard.rulebook.match_files import match_device, match_files
from agentguard.rulebook.match_http import match_graphql, match_http
from agentguard.rulebook.match_plain import match_code, match_credential, match_opaque, match_sql, match_tamper
from agentguard.rulebook.model import Finding, Rule, Severity
from agentguard.rulebook.text import NO, YES, Outcome
from agentguard.world.protocol import World


def finding(rule: Rule, operation: Operation, invocation: Invocation, world: World) -> Finding | None:
    """What a rule says about an operation; None where it does not hold, or may hold and ignores that."""
    outcome = matches(rule, operation, invocation, world)
    if outcome.truth is Truth.NO:
        return None
    case = Case(operation, invocation, world, strict=rule.severity is Severity.CRITICAL)
    truth = min(outcome.truth, all_hold(rule.when, case))
    if truth is not Truth.NO and rule.unless:
        truth = min(truth, none_holds(rule.unless, case))
    if truth is Truth.NO:
        return None
    name, environment = case.target.name, case.target.environment
    severity = rule.severity_in.get(environment, rule.severity)
    decision = decide(rule, severity, truth, outcome.firm)
    if decision == "ignore":
        return None
    title = _filled(rule.title, name)
    if decision == "ask" and severity is not Severity.LOW and (token := _token(rule, case)):
        title = f"{title}, {token}"
    return Finding(
        rule.id,
        title,
        severity,
        truth,
        rule.reversible,
        _filled(rule.loses, name),
        _filled(rule.instead, name),
        rule.floor,
        decision,
        name,
        environment,
        operation,
        invocation,
    )


def decide(rule: Rule, severity: Severity, truth: Truth, firm: bool) -> str:
    """What a certainty comes to: ask, supervise or ignore.

    A MAYBE asks on critical and high, if something that was seen speaks for the rule; where merely nothing speaks
    against it (``git push "$@"`` could hold ``--force``), it is supervised. ``maybe`` in the rule overrules.
    """
    if truth is Truth.YES:
        return "ask"
    if rule.maybe:
        return rule.maybe
    return "ask" if firm and severity >= Severity.HIGH else "supervise"


def matches(rule: Rule, operation: Operation, invocation: Invocation, world: World) -> Outcome:
    """The matcher of a rule against an operation of its kind."""
    matcher = rule.matcher
    match operation:
        case ProgramCall():
            return match_call(matcher, operation, invocation, world)
        case FileDelete() | FileOverwrite() | FileMove() | FileRead() | PermissionChange():
            return match_files(matcher, operation, invocation, world)
        case HttpRequest():
            return match_http(matcher, operation)
        case GraphqlOperation():
            return match_graphql(matcher, operation)
        case SqlStatement():
            return match_sql(matcher, operation)
        case CredentialRead() | CredentialUse():
            return match_credential(matcher, operation)
        case CodeExecution():
            return match_code(matcher, operation)
        case PolicyTamper():
            return match_tamper(matcher, operation)
        case DeviceWrite():
            return match_device(matcher, operation)
        case Opaque():
            return match_opaque(matcher, operation)
        case ProcessBomb():
            return YES
    return NO


def _token(rule: Rule, case: Case) -> str:
    from agentguard.rulebook import tokens

    return tokens.written(rule.pack, case.operation, case.invocation, case.target.environment)


def _filled(text: str, name: str) -> str:
    """``{target}`` filled in; where nothing is known to fill in, the words around it stand alone."""
    if "{target}" not in text:
        return text
    if name:
        return text.replace("{target}", name)
    return " ".join(text.replace("'{target}'", "").replace("{target}", "").split())
