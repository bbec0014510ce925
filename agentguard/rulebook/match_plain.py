"""The matchers that only compare words: ``sql``, ``credential``, ``code``, ``tamper``, ``opaque``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fnmatch import fnmatchcase

from agentguard.interpret.values import Truth
from agentguard.operations import CodeExecution, CredentialRead, CredentialUse, Opaque, PolicyTamper, SqlStatement
from agentguard.rulebook.text import HOLE, LIKELY, NO, YES, Outcome, both, search_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def match_sql(matcher: Mapping[str, Any], statement: SqlStatement) -> Outcome:
    """Whether a statement is what the rule describes. One that is rolled back is nothing; one whose verb is UNKNOWN
    only concerns rules that list UNKNOWN."""
    return both(_statement(matcher, statement))


def _statement(matcher: Mapping[str, Any], statement: SqlStatement) -> Iterator[Outcome]:
    if statement.rolled_back:
        yield NO
    verbs = matcher.get("verb", ("*",))
    if statement.verb == "UNKNOWN" and "UNKNOWN" not in verbs:
        yield NO
    yield _word(verbs, statement.verb)
    if "object" in matcher:
        yield _word(matcher["object"], statement.object) if statement.object else NO
    if "where" in matcher:
        yield _yes(statement.where == matcher["where"])
    if "detail" in matcher:
        yield _yes(not statement.detail.isdisjoint(matcher["detail"]))
    if "not_detail" in matcher:
        yield _yes(statement.detail.isdisjoint(matcher["not_detail"]))
    if "engine" in matcher:
        yield _word(matcher["engine"], statement.database.engine)
    if "name" in matcher:
        yield search_text(matcher["name"], statement.name.replace("…", HOLE))


def match_credential(matcher: Mapping[str, Any], operation: CredentialRead | CredentialUse) -> Outcome:
    """Whether a secret is read or used in the way the rule describes."""
    how = operation.how if isinstance(operation, CredentialRead) else "use"
    if "how" in matcher and how not in matcher["how"]:
        return NO
    if "source" not in matcher:
        return YES
    where = operation.where if isinstance(operation, CredentialUse) else ""
    return max(_word(matcher["source"], operation.source), _word(matcher["source"], where))


def match_code(matcher: Mapping[str, Any], operation: CodeExecution) -> Outcome:
    """Whether code of this origin is run by such an interpreter."""
    origin = _word(matcher.get("origin", ("*",)), operation.origin)
    return both((origin, _word(matcher.get("interpreter", ("*",)), operation.interpreter)))


def match_tamper(matcher: Mapping[str, Any], operation: PolicyTamper) -> Outcome:
    """Whether the guard is touched in one of these ways."""
    return _word(matcher.get("what", ("*",)), operation.what)


def match_opaque(matcher: Mapping[str, Any], operation: Opaque) -> Outcome:
    """Only what a person should decide is a finding; the rest is run under supervision without one."""
    if operation.risk is Truth.NO:
        return NO
    said = search_text(matcher["why"], operation.why) if "why" in matcher else YES
    return said if operation.risk is Truth.YES or said is NO else LIKELY


def _word(patterns: Sequence[str], word: str) -> Outcome:
    return _yes(any(fnmatchcase(word, pattern) for pattern in patterns))


def _yes(holds: bool) -> Outcome:
    return YES if holds else NO
