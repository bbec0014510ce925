"""GraphQL bodies: which root fields a request really has."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from agentguard.interpret.values import Origin, Value, concat, literal, unknown
from agentguard.operations import GraphqlOperation
from agentguard.programs.graphql import operations, requests

HOST, PATH = literal("api.example.com"), literal("/graphql")


def read(body: str | Value, *, raw: bool = False, endpoint: bool = True) -> list[GraphqlOperation]:
    value = literal(body) if isinstance(body, str) else body
    return [o for request in requests(value, endpoint=endpoint, raw=raw) for o in operations(request, HOST, PATH)]


def fields(query: str, **rest: object) -> list[tuple[str, tuple[str, ...]]]:
    return [(o.kind, o.fields) for o in read(json.dumps({"query": query, **rest}))]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("mutation { volumeDelete(volumeId: 1) }", ("volumeDelete",)),
        ("mutation Read { a: volumeDelete(volumeId: 1) }", ("volumeDelete",)),
        ("mutation { ...F } fragment F on Mutation { volumeDelete }", ("volumeDelete",)),
        ("mutation { ... on Mutation { ... { volumeDelete } } }", ("volumeDelete",)),
        ("mutation { a b: c }", ("a", "c")),
        ("# query\nmutation{\n#x\nvolumeDelete}", ("volumeDelete",)),
        ('mutation { create(name: "volumeDelete") }', ("create",)),
        ("mutation { create { volumeDelete } }", ("create",)),
        ("\ufeffmutation { volumeDelete }", ("volumeDelete",)),
    ],
)
def test_root_fields(query: str, expected: tuple[str, ...]) -> None:
    assert fields(query) == [("mutation", expected)]


@pytest.mark.parametrize(
    "query",
    [
        "{ me { id } }",
        "query volumeDelete { me { id } }",
        "{ volumeDelete: me { id } }",
        '{ search(text: "mutation { volumeDelete }") { id } }',
        "{ me { id } } # mutation { volumeDelete }",
        "{ mutationLog { id } }",
    ],
)
def test_reading_is_a_query(query: str) -> None:
    assert [kind for kind, _ in fields(query)] == ["query"]


def test_the_operation_asked_for_is_the_one_that_counts() -> None:
    query = "query A { me } mutation B { volumeDelete }"
    assert fields(query, operationName="A") == [("query", ("me",))]
    assert fields(query, operationName="B") == [("mutation", ("volumeDelete",))]
    assert ("mutation", ("volumeDelete",)) in fields(query)


def test_batches_and_forms_and_bare_documents() -> None:
    batch = json.dumps([{"query": "{ me }"}, {"query": "mutation { volumeDelete }"}])
    assert [o.kind for o in read(batch)] == ["query", "mutation"]
    assert [o.fields for o in read("query=mutation+%7B+volumeDelete+%7D")] == [("volumeDelete",)]
    assert [o.fields for o in read("mutation { volumeDelete }", raw=True)] == [("volumeDelete",)]


@pytest.mark.parametrize("query", ["mutation { volumeDelete(", "mutation { volumeDelete } }", "mutation { @ }"])
def test_what_cannot_be_read_stays_a_mutation_with_all_its_names(query: str) -> None:
    (operation,) = read(json.dumps({"query": query}))
    assert operation.kind == "mutation"
    assert operation.opaque


def test_a_persisted_query_is_unknown() -> None:
    (operation,) = read('{"extensions":{"persistedQuery":{"sha256Hash":"ab"}},"variables":{}}')
    assert (operation.kind, operation.opaque) == ("unknown", True)


def test_variables_and_defaults_reach_the_arguments() -> None:
    query = "mutation($i: I!, $f: Boolean = true) { update(input: $i, force: $f, kind: DELETED) }"
    (operation,) = read(json.dumps({"query": query, "variables": {"i": {"state": "OFF", "ids": [1]}}}))
    arguments = dict(operation.arguments)
    assert arguments["update.input.state"] == "OFF"
    assert arguments["update.force"] == "true"
    assert arguments["update.kind"] == "DELETED"
    assert '"ids": [1]' in arguments["update.*"]


def test_unknown_pieces_keep_their_place() -> None:
    hole = unknown(Origin.OUTPUT)
    body = concat((literal('{"query":"mutation { volumeDelete(volumeId: \\"'), hole, literal('\\") }"}')))
    (operation,) = read(body)
    assert operation.fields == ("volumeDelete",)
    whole = concat((literal('{"query":"'), hole, literal('"}')))
    assert [o.kind for o in read(whole)] != ["query"]


def test_bodies_that_are_not_graphql_are_left_alone() -> None:
    assert read('{"query":"match (n) return n"}', endpoint=False) == []
    assert read('{"text":"mutation { volumeDelete }"}', endpoint=False) == []


def test_deep_nesting_ends() -> None:
    query = "mutation { " + "...a " * 3 + "}" + " fragment a on M { ...b } fragment b on M { ...a volumeDelete }"
    assert fields(query) == [("mutation", ("volumeDelete",))]
    assert read(json.dumps({"query": "mutation { a" + "{ a" * 5000}))[0].opaque


def test_a_query_costs_no_import() -> None:
    code = (
        "import sys\n"
        "from agentguard.interpret.values import literal\n"
        "from agentguard.programs.graphql import operations, requests\n"
        'for r in requests(literal(\'{"query":"{ me { id } }"}\'), endpoint=True):\n'
        "    list(operations(r, literal('h'), literal('/')))\n"
        "print('graphql' in sys.modules)\n"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "False"
