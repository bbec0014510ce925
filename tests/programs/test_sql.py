"""What SQL text does: statements, what lies inside them, and what a transaction takes back."""

from __future__ import annotations

import subprocess
import sys

import pytest

from agentguard.interpret.values import Origin, concat, literal, unknown
from agentguard.operations import Database, SqlStatement
from agentguard.programs.sql import statements


def read(text: str, engine: str = "postgres") -> list[SqlStatement]:
    return statements(text, Database(engine, "db.example.com"))


def brief(text: str, engine: str = "postgres") -> list[str]:
    """Each fact as ``VERB OBJECT name``."""
    return [" ".join(filter(None, (fact.verb, fact.object, fact.name))) for fact in read(text, engine)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("drop table if exists public.users cascade", ["DROP TABLE public.users"]),
        ('DROP TABLE "Users", b', ["DROP TABLE Users, b"]),
        ("DROP MATERIALIZED VIEW mv", ["DROP MATERIALIZED VIEW mv"]),
        ("DROP DATABASE app WITH (FORCE)", ["DROP DATABASE app"]),
        ("TRUNCATE a, b RESTART IDENTITY", ["TRUNCATE TABLE a, b"]),
        ("ALTER TABLE t DROP COLUMN a, ADD b int", ["ALTER TABLE t"]),
        ("SELECT pg_terminate_backend(1)", ["CALL FUNCTION pg_terminate_backend"]),
        ("COPY t FROM PROGRAM 'x'", ["COPY PROGRAM t"]),
        ("COPY t TO '/x'", ["COPY FILE t"]),
        ("GRANT ALL ON t TO PUBLIC", ["GRANT PRIVILEGE PUBLIC"]),
        ("DROP OWNED BY bob", ["DROP OWNED bob"]),
        ("ALTER SYSTEM SET fsync = off", ["ALTER SYSTEM"]),
    ],
)
def test_what_is_changed(text: str, expected: list[str]) -> None:
    assert brief(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "SELECT 'DROP TABLE users', \"truncate\" FROM t -- DELETE FROM t",
        "INSERT INTO t VALUES ('x') ON CONFLICT DO NOTHING",
        "INSERT INTO t VALUES (1) ON CONFLICT (id) DO UPDATE SET a = 1",
        "SELECT * FROM t FOR UPDATE",
        "SELECT date_trunc('day', now()), replace(a, b, c)",
        "EXPLAIN DELETE FROM t",
        "EXPLAIN (ANALYZE false) DELETE FROM t",
        "EXPLAIN WITH gone AS (DELETE FROM t RETURNING *) SELECT * FROM gone",
        "CREATE INDEX i ON t (a)",
        "CREATE FUNCTION f() RETURNS void AS $$ DELETE FROM t $$ LANGUAGE sql",
        "ALTER TABLE t ADD COLUMN a int, ALTER COLUMN b DROP NOT NULL",
        "ALTER TABLE t ENABLE ROW LEVEL SECURITY",
        "REFRESH MATERIALIZED VIEW mv",
        "VACUUM FULL t",
        "COPY t TO STDOUT",
        "SET statement_timeout = 0",
        "COMMENT ON TABLE t IS 'drop'",
        "DO $$ BEGIN RAISE NOTICE 'DROP TABLE a'; END $$",
        "MERGE INTO t USING s ON t.id = s.id WHEN NOT MATCHED THEN INSERT VALUES (1)",
    ],
)
def test_nothing_is_said_of_reading_and_adding(text: str) -> None:
    assert [fact for fact in read(text) if fact.verb != "DO"] == []


@pytest.mark.parametrize(
    ("text", "inner"),
    [
        ("WITH gone AS (DELETE FROM t RETURNING *) SELECT * FROM gone", "DELETE ROWS t"),
        ("WITH a AS (SELECT 1) DELETE FROM t", "DELETE ROWS t"),
        ("EXPLAIN ANALYZE DELETE FROM t", "DELETE ROWS t"),
        ("DO $$ BEGIN IF true THEN DROP TABLE t; END IF; END $$", "DROP TABLE t"),
        ("DO $$ BEGIN EXECUTE format('DROP TABLE %I', x); END $$", "DROP TABLE"),
        ("DO 'BEGIN DELETE FROM t; END'", "DELETE ROWS t"),
        ("PREPARE p AS DELETE FROM t", "DELETE ROWS t"),
        ("SELECT 'DROP TABLE ' || name FROM x \\gexec", "DROP TABLE …"),
        ("\ufffc; DROP TABLE t", "DROP TABLE t"),
        ("nonsense (; DROP TABLE t", "DROP TABLE t"),
        ("DROP TABLE t; SELECT 'never closed", "DROP TABLE t"),
    ],
)
def test_statements_inside_others_are_seen(text: str, inner: str) -> None:
    assert inner in brief(text)


def test_generated_statements_are_marked() -> None:
    facts = read("DO $$ BEGIN FOR s IN SELECT cmd FROM todo LOOP EXECUTE s; END LOOP; END $$")
    assert any("GENERATED" in fact.detail for fact in facts)
    facts = read("SELECT 'CREATE DATABASE a' WHERE NOT EXISTS (SELECT 1) \\gexec")
    assert not any("GENERATED" in fact.detail for fact in facts)


@pytest.mark.parametrize(
    ("text", "engine"),
    [
        ("EXEC sp_executesql N'DROP TABLE t'", "mssql"),
        ("EXEC('DROP TABLE t')", "mssql"),
        ("IF EXISTS (SELECT 1) DROP TABLE t", "mssql"),
        ("SELECT 1 DROP TABLE t", "mssql"),
        ("BEGIN EXECUTE IMMEDIATE 'DROP TABLE t'; END;", "oracle"),
        ("/*!50001 DROP TABLE t */", "mysql"),
        ("DROP/**/TABLE/**/t", "mysql"),
        ("PREPARE s FROM 'DROP TABLE t'", "mysql"),
    ],
)
def test_dialects(text: str, engine: str) -> None:
    assert "DROP TABLE t" in brief(text, engine)


@pytest.mark.parametrize(
    ("text", "engine", "undone"),
    [
        ("BEGIN; DROP TABLE t; ROLLBACK", "postgres", True),
        ("BEGIN; DROP TABLE t; COMMIT; ROLLBACK", "postgres", False),
        ("BEGIN; DROP TABLE t; ROLLBACK TO SAVEPOINT s", "postgres", False),
        ("BEGIN; DROP TABLE t", "postgres", False),
        ("BEGIN; DROP DATABASE t; ROLLBACK", "postgres", False),
        ("START TRANSACTION; DELETE FROM t; ROLLBACK", "mysql", True),
        ("START TRANSACTION; TRUNCATE t; ROLLBACK", "mysql", False),
        ("START TRANSACTION; DELETE FROM t; DROP TABLE x; ROLLBACK", "mysql", False),
        ("BEGIN; DELETE FROM t; ROLLBACK", "sqlite", True),
        ("BEGIN TRAN; DELETE FROM t; ROLLBACK", "mssql", True),
    ],
)
def test_a_transaction_takes_back_what_its_database_lets_it(text: str, engine: str, undone: bool) -> None:
    assert read(text, engine)[0].rolled_back is undone


def test_what_the_input_made_itself_is_its_own() -> None:
    facts = read("CREATE TABLE t (a int); DELETE FROM t; DROP TABLE t; DROP TABLE u")
    assert [fact.name for fact in facts if "OWN" in fact.detail] == ["t", "t"]
    facts = read("DROP TABLE IF EXISTS t; CREATE TABLE t (a int)")
    assert "RECREATED" in facts[0].detail
    facts = read("CREATE TABLE IF NOT EXISTS t (a int); DROP TABLE t")
    assert not any("OWN" in fact.detail for fact in facts)


def test_a_file_that_recreates_a_table_and_then_drops_it_again() -> None:
    facts = [fact for fact in read("DROP TABLE t; CREATE TABLE t (a int); DELETE FROM t") if fact.verb != "CREATE"]
    assert [("OWN" in fact.detail, "RECREATED" in fact.detail) for fact in facts] == [(False, True), (False, False)]


def test_a_routine_does_what_its_body_does_when_it_is_called() -> None:
    body = "CREATE FUNCTION pg_temp.gone() RETURNS void LANGUAGE sql AS $$ DELETE FROM t $$"
    assert brief(body) == []
    assert brief(f"{body}; SELECT pg_temp.gone()") == ["DELETE ROWS t"]
    text = "DELIMITER //\nCREATE PROCEDURE gone() BEGIN DROP TABLE t; END//\nDELIMITER ;\nCALL gone();"
    assert "DROP TABLE t" in brief(text, "mysql")


def test_unknown_pieces() -> None:
    name = concat((literal("DROP TABLE users_"), unknown(Origin.VARIABLE)))
    assert [(fact.verb, fact.name) for fact in statements(name, Database("postgres"))] == [("DROP", "users_…")]
    whole = statements(unknown(Origin.FILE), Database("postgres"))
    assert [fact.verb for fact in whole] == ["UNKNOWN"]
    row = concat((literal("DELETE FROM t WHERE id = "), unknown(Origin.VARIABLE)))
    assert [fact.where for fact in statements(row, Database("postgres"))] == [True]


@pytest.mark.parametrize("text", ["EXPLAIN ANALYZE ", "PREPARE a AS ", "(DELETE FROM t WHERE "])
def test_deep_nesting_ends_in_a_question(text: str) -> None:
    facts = read(text * 3_000 + "DELETE FROM t")
    assert any("GENERATED" in fact.detail or fact.verb == "DELETE" for fact in facts)


def test_everyday_statements_need_no_parser() -> None:
    code = (
        "import sys; from agentguard.programs.sql import statements; from agentguard.operations import Database;"
        "[statements(t, Database('postgres')) for t in ('SELECT 1', 'DROP TABLE a', 'DELETE FROM a WHERE id = 3',"
        "'UPDATE a SET b = 1', 'EXPLAIN SELECT 1')]; sys.exit('sqlglot' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0
