"""Whether DELETE and UPDATE are limited to some rows."""

from __future__ import annotations

import pytest

from agentguard.operations import Database
from agentguard.programs.sql import statements


def limited(text: str, engine: str = "postgres") -> bool | None:
    (fact,) = statements(text, Database(engine))
    return fact.where


@pytest.mark.parametrize(
    "condition",
    [
        "true",
        "1",
        "1=1",
        "(1 = 1)",
        "'a' = 'a'",
        "2 > 1",
        "NOT false",
        "id = id",
        "id > 0",
        "user_id >= 0",
        "id <> -1",
        "id IS NOT NULL",
        "NOT id IS NULL",
        "email LIKE '%'",
        "deleted OR 1=1",
        "1=1 AND true",
        "1=1 AND id IS NOT NULL",
        "id IN (SELECT id FROM t)",
        "0 < id",
    ],
)
def test_conditions_that_hold_for_every_row(condition: str) -> None:
    assert limited(f"DELETE FROM t WHERE {condition}") is False
    assert limited(f"UPDATE t SET a = 1 WHERE {condition}") is False


@pytest.mark.parametrize(
    "condition",
    [
        "id = 3",
        "id = $1",
        "id = %s",
        "id IN (1, 2)",
        "id > 1000",
        "id BETWEEN 1 AND 9",
        "name = 'x' AND true",
        "1=1 AND id = 4",
        "created_at < now() - interval '30 days'",
        "deleted_at IS NOT NULL",
        "balance > 0",
        "id IN (SELECT user_id FROM banned)",
        "id IN (SELECT id FROM t WHERE a = 1)",
        "email LIKE 'test%'",
        "NOT active",
        "active",
        "a = 1 OR b = 2",
        "t.a = s.a",
        "EXISTS (SELECT 1 FROM s WHERE s.id = t.id)",
        "data->>'kind' = 'x'",
        "CURRENT OF c",
        "false",
    ],
)
def test_conditions_that_select(condition: str) -> None:
    assert limited(f"DELETE FROM t WHERE {condition}") is True


def test_no_condition() -> None:
    assert limited("DELETE FROM t") is False
    assert limited("DELETE FROM t USING s") is False
    assert limited("DELETE FROM t RETURNING *") is False
    assert limited("UPDATE t SET a = (SELECT b FROM s WHERE s.id = 1)") is False
    assert limited("DELETE FROM t LIMIT 5", "mysql") is False


def test_what_no_parser_can_read_is_still_judged() -> None:
    assert limited("DELETE FROM t WHERE 1 = 1 OR ((((") is False
    assert limited("DELETE FROM t WHERE x ~~@@~~ 5 5") is True
    assert limited("DELETE FROM t WHERE " + "(" * 5_000 + "a") is True
    assert limited("DELETE FROM t WHERE " + "(" * 500 + "1=1" + ")" * 500) is False
