"""What a file of SQL makes, copies or fills again itself is its own to drop and to empty; what others made is not."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from scan.projects import Project

OWN = [
    ("a temporary table", "CREATE TEMPORARY TABLE t LIKE users;\nDROP TABLE t;\n"),
    ("a temporary table, made if it is missing", "CREATE TEMP TABLE IF NOT EXISTS t (a int);\nDROP TABLE t;\n"),
    ("several in one DROP", "CREATE TABLE a (x int);\nCREATE TABLE b (x int);\nDROP TABLE a, b;\n"),
    ("made after a drop", "DROP TABLE IF EXISTS t;\nCREATE TABLE t (a int);\nDELETE FROM t;\nDROP TABLE t;\n"),
    ("made twice", "CREATE TABLE t (a int);\nDROP TABLE t;\nCREATE TABLE t (b int);\nDELETE FROM t;\nDROP TABLE t;\n"),
    ("a pair of a dump", "DROP TABLE IF EXISTS `t`;\nCREATE TABLE `t` (a int);\nINSERT INTO `t` VALUES (1);\n"),
    ("a column of its own table", "CREATE TABLE t (a int, b int);\nALTER TABLE t DROP COLUMN b;\n"),
    ("a database", "CREATE DATABASE d;\nDROP DATABASE d;\n"),
    ("another delimiter", "delimiter //\ncreate table t (a int) //\ndelimiter ;\ndrop table t;\n"),
    ("rows put in again", "DELETE FROM kinds;\nINSERT INTO kinds (id) VALUES (1);\n"),
    ("rows copied in again", "TRUNCATE TABLE kinds;\nCOPY kinds FROM '/srv/kinds.csv';\n"),
    ("rows loaded again", "DELETE FROM kinds;\nLOAD DATA INFILE 'k' INTO TABLE kinds;\n"),
    (
        "a table copied under a new name, which takes the old one",
        "CREATE TABLE n (a int);\nINSERT INTO n SELECT a FROM users;\nDROP TABLE users;\n"
        "ALTER TABLE n RENAME TO users;\n",
    ),
    (
        "a copy made at once",
        "CREATE TABLE n AS SELECT a FROM users;\nDROP TABLE users;\nALTER TABLE n RENAME TO users;\n",
    ),
    ("a value out of the same row", "UPDATE persons SET name_u = upper(name), old = new;\n"),
]  # fmt: skip

OTHERS = [
    ("a table of others", "DROP TABLE users;\n", "sql.drop-table", 1),
    ("one of two", "CREATE TABLE a (x int);\nDROP TABLE a, users;\n", "sql.drop-table", 2),
    ("made only if it is missing", "CREATE TABLE IF NOT EXISTS t (a int);\nDROP TABLE t;\n", "sql.drop-table", 2),
    (
        "there before, made again and dropped in the end",
        "DROP TABLE t;\nCREATE TABLE t (a int);\nDROP TABLE t;\n", "sql.drop-table", 3,
    ),
    ("made after it was emptied", "DELETE FROM t;\nCREATE TABLE t (a int);\n", "sql.delete-all", 1),
    ("filled before", "INSERT INTO t VALUES (1);\nDELETE FROM t;\n", "sql.delete-all", 2),
    ("another one is filled", "DELETE FROM t;\nINSERT INTO u SELECT * FROM t;\n", "sql.delete-all", 1),
    (
        "a new table takes the name, without the rows",
        "CREATE TABLE n (a int);\nDROP TABLE users;\nALTER TABLE n RENAME TO users;\n", "sql.drop-table", 2,
    ),
    (
        "copied after it was dropped",
        "CREATE TABLE n (a int);\nDROP TABLE users;\nINSERT INTO n SELECT a FROM users;\n"
        "ALTER TABLE n RENAME TO users;\n", "sql.drop-table", 2,
    ),
    (
        "the old one under a new name",
        "ALTER TABLE users RENAME TO gone;\nCREATE TABLE users (a int);\nDROP TABLE gone;\n", "sql.drop-table", 3,
    ),
    ("one value for each row", "UPDATE users SET active = 0, seen = now();\n", "sql.update-all", 1),
    ("one of two values", "UPDATE users SET name = upper(name), active = FALSE;\n", "sql.update-all", 1),
]  # fmt: skip


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path)


@pytest.mark.parametrize("text", [case[1] for case in OWN], ids=[case[0] for case in OWN])
def test_its_own(text: str, project: Project) -> None:
    project.write("a.sql", *text.splitlines())
    assert project.scan("a.sql", status=0) == []


@pytest.mark.parametrize(("text", "rule", "line"), [case[1:] for case in OTHERS], ids=[case[0] for case in OTHERS])
def test_that_of_others(text: str, rule: str, line: int, project: Project) -> None:
    project.write("a.sql", *text.splitlines())
    assert project.scan("a.sql") == [("a.sql", line, rule)]


def seconds(project: Project, count: int) -> float:
    project.write("a.sql", *(f"DELETE FROM t{number};" for number in range(count)))
    done = project.run("scan", "--format", "json", "a.sql")
    report = json.loads(done.stdout)
    assert len(report["findings"]) == count
    return float(report["summary"]["seconds"])


def test_each_of_many_statements_takes_no_longer_than_one_of_few(project: Project) -> None:
    """Each one asks what stands behind it; a pass over the file for each would take four times as long here."""
    assert seconds(project, 8000) < 2.5 * 4 * seconds(project, 2000)
