"""SQL text cut into statements and client commands."""

from __future__ import annotations

import time

import pytest

from agentguard.programs.sql_tokens import ClientCommand, Kind, Statement, dialect, split


def read(text: str, engine: str = "postgres") -> list[str]:
    """Each item as plain words: quoted names in angle brackets, strings in quotes, commands with a backslash."""
    found = []
    for item in split(text, dialect(engine)):
        if isinstance(item, ClientCommand):
            found.append(f"\\{item.name} {item.argument}".strip())
            continue
        words = []
        for token in item.tokens:
            quotes = {Kind.STRING: "'{}'", Kind.NAME: "<{}>"}.get(token.kind, "{}")
            words.append(quotes.format(token.text))
        found.append(" ".join(words) + (f" \\{item.ended_by}" if item.ended_by else ""))
    return found


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("SELECT 1; SELECT 2", ["SELECT 1", "SELECT 2"]),
        ("SELECT 1 -- DROP TABLE a\n;", ["SELECT 1"]),
        ("SELECT /* a /* DROP */ b; */ 1", ["SELECT 1"]),
        ("SELECT 'a;''b', E'c\\'d;' ;", ["SELECT 'a;'b' , 'c'd;'"]),
        ('SELECT "x;y"', ["SELECT <x;y>"]),
        ("SELECT $a$; DROP $a$, $$;$$", ["SELECT '; DROP ' , ';'"]),
        ("SELECT 'open; DROP TABLE a", ["SELECT 'open; DROP TABLE a'"]),
        ("SELECT 1\\; SELECT 2", ["SELECT 1", "SELECT 2"]),
        ("", []),
        (" ;; ; ", []),
    ],
)
def test_statements_are_cut_outside_quotes_and_comments(text: str, expected: list[str]) -> None:
    assert read(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("SELECT 'a' \\gexec", ["SELECT 'a' \\gexec"]),
        ("SELECT 1 \\g out.txt", ["SELECT 1 \\g", "\\g out.txt"]),
        ("\\dt users\nSELECT 1;", ["\\dt users", "SELECT 1"]),
        ("\\x \\\\ SELECT 1", ["\\x", "SELECT 1"]),
        ("\\! rm -rf x\n", ["\\! rm -rf x"]),
        ("SELECT 1 \\r\nSELECT 2", ["SELECT 2"]),
    ],
)
def test_psql_commands_stand_apart(text: str, expected: list[str]) -> None:
    assert [" ".join(one.split()) for one in read(text)] == expected


def test_copied_rows_are_data() -> None:
    text = "COPY t FROM stdin;\n1\tDROP TABLE a;\n\\.\nSELECT 2;"
    assert read(text) == ["COPY t FROM stdin", "SELECT 2"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("/*!50000 DROP */ /*!TABLE a*/", ["DROP TABLE a"]),
        ("/*M! DROP TABLE a */;", ["DROP TABLE a"]),
        ("SELECT 1 # ; DROP\n;", ["SELECT 1"]),
        ("SELECT 5--3", ["SELECT 5 - - 3"]),
        ("SELECT \"a;b\", `c;d`, 'e\\'f'", ["SELECT 'a;b' , <c;d> , 'e'f'"]),
        ("DELIMITER //\nSELECT 1; SELECT 2//\nDELIMITER ;\nSELECT 3;", ["SELECT 1 ; SELECT 2", "SELECT 3"]),
        ("SELECT 1\\G", ["SELECT 1"]),
    ],
)
def test_mysql_has_its_own_quotes_and_comments(text: str, expected: list[str]) -> None:
    assert read(text, "mysql") == expected


def test_the_body_of_a_routine_belongs_to_its_definition() -> None:
    text = (
        "CREATE TRIGGER t AFTER INSERT ON a BEGIN DELETE FROM b; SELECT CASE WHEN 1 THEN 2 END; END;"
        " CREATE PROCEDURE p() BEGIN IF 1 THEN DROP TABLE a; END IF; END; DROP TABLE c"
    )
    found = read(text, "sqlite")
    assert [one.split()[0] for one in found] == ["CREATE", "CREATE", "DROP"]


def test_batches_of_sql_server_and_oracle() -> None:
    assert read("SELECT 1\nGO\nDROP TABLE [a b]\nGO\n", "mssql") == ["SELECT 1", "DROP TABLE <a b>"]
    assert read("BEGIN DROP_ALL; END;\n/\nSELECT 1;", "oracle")[-1] == "SELECT 1"


def test_dot_commands_of_sqlite_begin_a_line() -> None:
    assert read(".tables\nSELECT a.b;\n.shell ls", "sqlite") == ["\\tables", "SELECT a . b", "\\shell ls"]


@pytest.mark.parametrize("piece", ["'", '"', "/*", "--", "$$", "(", "\\", "`", "[", "a' ", "/*!", "\\!", "; "])
@pytest.mark.parametrize("engine", ["postgres", "mysql", "sqlite", "mssql", "oracle", "bigquery"])
def test_time_is_linear_and_nothing_fails(piece: str, engine: str) -> None:
    text = piece * 20_000
    start = time.process_time()
    items = split(text, dialect(engine))
    assert time.process_time() - start < 3
    assert all(isinstance(item, Statement | ClientCommand) for item in items)
