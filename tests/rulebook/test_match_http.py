"""The ``http`` and ``graphql`` matchers."""

from __future__ import annotations

from pathlib import Path

import pytest

from agentguard.interpret.values import Origin, Truth, Unknown, Value, literal, unknown
from agentguard.light import replace
from agentguard.operations import GraphqlOperation, HttpRequest
from agentguard.rulebook.load import Rulebook
from tests.rulebook.made_world import book, found, rule

SOMETHING = Unknown(Origin.VARIABLE, "x")
ENDPOINT = (
    '[[endpoint]]\nid = "railway"\nhosts = ["backboard.railway.com", "*.railway.app"]\npaths = ["/graphql/v{n}"]\n'
)


def request(
    method: str | None,
    host: str | Value,
    path: str | Value = "/",
    query: str = "",
    body: str | None = None,
    **headers: str,
) -> HttpRequest:
    return HttpRequest(
        method,
        literal(host) if isinstance(host, str) else host,
        "",
        literal(path) if isinstance(path, str) else path,
        literal(query),
        tuple((name.replace("_", "-"), literal(value)) for name, value in headers.items()),
        literal(body) if body is not None else None,
    )


def http(tmp_path: Path, keys: str) -> Rulebook:
    return book(tmp_path, ENDPOINT, rule(f"[rule.http]\n{keys}"))


@pytest.mark.parametrize(
    ("host", "hits"),
    [
        ("api.x.com", True),
        ("a.api.x.com", False),
        ("db1.region.cloud.com", True),
        ("cloud.com", False),
        ("s3-eu.aws.com", True),
        ("s3.aws.com", True),
        ("ec2.aws.com", False),
        ("x.com", False),
    ],
)
def test_hosts(tmp_path: Path, host: str, hits: bool) -> None:
    rulebook = http(tmp_path, 'host = ["api.x.com", "*.cloud.com", "s3*.aws.com"]\nmethod = "delete"')
    assert bool(found(rulebook, request("DELETE", host))) is hits
    assert found(rulebook, request("GET", host)) == []


def test_every_host_but_some(tmp_path: Path) -> None:
    rulebook = http(tmp_path, 'host = "*"\nnot_host = ["localhost", "*.local"]\nmethod = ["DELETE"]')
    assert found(rulebook, request("DELETE", "api.x.com"))[0].target == "api.x.com"
    assert found(rulebook, request("DELETE", "box.local")) == []
    (finding,) = found(rulebook, request("DELETE", Value((SOMETHING,))))
    assert finding.decision == "ask"


@pytest.mark.parametrize(
    ("path", "truth"),
    [
        ("/v1/users/7", Truth.YES),
        ("/V1/Users/7/", Truth.YES),
        ("/v12/users/7", Truth.YES),
        ("/v1/users", Truth.NO),
        ("/v1/users/7/keys", Truth.NO),
        ("/vx/users/7", Truth.NO),
        ("/files/a/b/c", Truth.YES),
        ("/jobs/7:cancel", Truth.YES),
        ("/jobs/7:start", Truth.NO),
        (Value(("/v1/users/", SOMETHING)), Truth.YES),
        (Value(("/v1/", SOMETHING, "/7")), Truth.MAYBE),
        (Value(("/v1/", SOMETHING)), Truth.MAYBE),
        (Value((SOMETHING,)), Truth.MAYBE),
        (Value(("/v1/teams/", SOMETHING)), Truth.NO),
    ],
)
def test_paths(tmp_path: Path, path: str | Value, truth: Truth) -> None:
    rulebook = http(tmp_path, 'host = "x.com"\npath = ["/v{n}/users/{id}", "/files/**", "/jobs/{id}:cancel"]')
    findings = found(rulebook, request("POST", "x.com", path))
    assert max((finding.certainty for finding in findings), default=Truth.NO) is truth


def test_queries_headers_and_bodies(tmp_path: Path) -> None:
    keys = 'host = "x.com"\nquery = { Action = "^Terminate" }\nheader = { X-Amz-Target = "Delete" }\nbody = "all"'
    rulebook = http(tmp_path, keys)
    good = request("POST", "x.com", query="a=1&Action=Terminate%49nstances", body="all", x_amz_target="DeleteTable")
    assert found(rulebook, good)
    assert found(rulebook, request("POST", "x.com", query="Action=Terminate", body="all")) == []
    assert found(rulebook, request("POST", "x.com", query="Action=Describe", body="all", x_amz_target="Delete")) == []
    assert found(rulebook, request("POST", "x.com", query="Action=Terminate", x_amz_target="Delete")) == []


def test_an_unknown_method_on_a_known_host_asks(tmp_path: Path) -> None:
    (finding,) = found(http(tmp_path, 'host = "x.com"\nmethod = "DELETE"'), request(None, "x.com"))
    assert (finding.certainty, finding.decision) == (Truth.MAYBE, "ask")


def test_rules_of_a_host_do_not_fire_on_an_unknown_host(tmp_path: Path) -> None:
    rulebook = http(tmp_path, 'host = "x.com"\nmethod = "DELETE"')
    assert found(rulebook, request("DELETE", Value((SOMETHING,)))) == []


def test_a_known_end_of_a_host(tmp_path: Path) -> None:
    rulebook = http(tmp_path, 'host = "*.supabase.co"\nmethod = "DELETE"')
    assert found(rulebook, request("DELETE", Value((SOMETHING, ".supabase.co"))))[0].certainty is Truth.YES


def test_an_endpoint_has_paths(tmp_path: Path) -> None:
    rulebook = http(tmp_path, 'host = "@railway"\nmethod = "POST"')
    assert found(rulebook, request("POST", "backboard.railway.com", "/graphql/v2"))
    assert found(rulebook, request("POST", "a.railway.app", "/graphql/v3"))
    assert found(rulebook, request("POST", "backboard.railway.com", "/status")) == []


# ------------------------------------------------------------------------------------------- graphql


def graphql(
    kind: str, *fields: str, host: str | Value = "backboard.railway.com", opaque: bool = False, **arguments: str
) -> GraphqlOperation:
    return GraphqlOperation(
        kind,
        fields,
        literal(host) if isinstance(host, str) else host,
        literal("/graphql/v2"),
        tuple((name.replace("__", "."), value) for name, value in arguments.items()),
        opaque,
    )


def test_mutations_by_field(tmp_path: Path) -> None:
    rulebook = book(
        tmp_path,
        ENDPOINT,
        rule('[rule.graphql]\nendpoint = "@railway"\nkind = "mutation"\nfield = ["volumeDelete", "*Destroy"]'),
    )
    (finding,) = found(rulebook, graphql("mutation", "me", "volumeDelete", volumeDelete__volumeId="v-1"))
    assert finding.target == "volumeId v-1, backboard.railway.com"
    assert found(rulebook, graphql("mutation", "projectDestroy"))
    assert found(rulebook, graphql("query", "volumeDelete")) == []
    assert found(rulebook, graphql("mutation", "volumeCreate")) == []
    assert found(rulebook, graphql("mutation", "volumeDelete", host="other.com")) == []


def test_a_mutation_to_an_unknown_host_asks(tmp_path: Path) -> None:
    rulebook = book(tmp_path, ENDPOINT, rule('[rule.graphql]\nendpoint = "@railway"\nfield = "volumeDelete"'))
    (finding,) = found(rulebook, graphql("mutation", "volumeDelete", host=unknown(Origin.VARIABLE)))
    assert (finding.certainty, finding.decision) == (Truth.MAYBE, "ask")


def test_an_unknown_body_asks_at_a_known_endpoint_only(tmp_path: Path) -> None:
    rulebook = book(tmp_path, ENDPOINT, rule('[rule.graphql]\nendpoint = "@railway"\nfield = "volumeDelete"'))
    (finding,) = found(rulebook, graphql("unknown", opaque=True))
    assert (finding.certainty, finding.decision) == (Truth.MAYBE, "ask")
    assert found(rulebook, graphql("unknown", opaque=True, host="api.github.com")) == []
    assert found(rulebook, graphql("unknown", opaque=True, host=unknown(Origin.VARIABLE))) == []


def test_arguments(tmp_path: Path) -> None:
    text = (
        '[rule.graphql]\nkind = "mutation"\nfield = "*"\nnot_field = "safe"\narguments = { "input.force" = "^true$" }'
    )
    rulebook = book(tmp_path, rule(text))
    assert found(rulebook, graphql("mutation", "x", x__input__force="true"))
    assert found(rulebook, graphql("mutation", "x", x__input__force="false")) == []
    assert found(rulebook, graphql("mutation", "x")) == []
    assert found(rulebook, graphql("mutation", "x", opaque=True))[0].certainty is Truth.MAYBE
    assert found(rulebook, graphql("mutation", "safe", x__input__force="true")) == []


@pytest.mark.parametrize(
    ("path", "hits"),
    [
        ("/users/7/delete", True),
        ("/a/b/c/d/e/bulk-delete/", True),
        ("/files.delete", True),
        ("/keys/1:destroy", True),
        ("/batchDelete", True),
        ("/logs/_delete_by_query", True),
        ("/users/deleted", False),
        ("/users/7/undelete", False),
        ("/delete/7", False),
        ("/keys/delete:restore", False),
        ("/delete-request", False),
        (Value(("/users/", SOMETHING)), False),
    ],
)
def test_verbs(tmp_path: Path, path: str | Value, hits: bool) -> None:
    rulebook = http(tmp_path, 'host = "*"\nverb = ["delete", "destroy"]\nnot_verb = "delete-request"')
    assert bool(found(rulebook, request("POST", "x.com", path))) is hits


def test_any_number_of_segments(tmp_path: Path) -> None:
    rulebook = http(tmp_path, 'host = "*"\npath = ["/**/runs/{id}/cancel", "/v{n}/**"]')
    for path, hits in [("/runs/1/cancel", True), ("/a/b/runs/1/cancel", True), ("/runs/cancel", False), ("/v2", True)]:
        assert bool(found(rulebook, request("POST", "x.com", path))) is hits, path


def test_ports(tmp_path: Path) -> None:
    rulebook = http(tmp_path, 'host = "*"\nport = ["9200"]')
    sent = request("DELETE", "localhost")
    assert found(rulebook, sent) == []
    assert found(rulebook, replace(sent, port="9200"))
