"""HTTP clients: from their words to the requests they send."""

from __future__ import annotations

import pytest

from agentguard.interpret.values import Origin, Unknown
from agentguard.operations import FileOverwrite, FileRead, HttpRequest, SqlStatement
from tests.fakes import FakeWorld
from tests.programs.judging import ROOT, analysed, found

URL = "https://api.example.com/v1/users/7"
FILES = {f"{ROOT}/body.json": '{"a": 1}', f"{ROOT}/options": f"-X DELETE\nurl = {URL}\n", f"{ROOT}/list": f"{URL}\n"}


def requests(command: str, **files: str) -> list[HttpRequest]:
    world = FakeWorld(files=FILES | {f"{ROOT}/{name}": text for name, text in files.items()})
    analysis = analysed(command, world)
    assert analysis.problem is None
    return [operation for operation, _ in analysis.operations if isinstance(operation, HttpRequest)]


def only(command: str) -> HttpRequest:
    sent = requests(command)
    assert len(sent) == 1, sent
    return sent[0]


@pytest.mark.parametrize(
    ("command", "method"),
    [
        (f"curl {URL}", "GET"),
        (f"curl -I {URL}", "HEAD"),
        (f"curl -d a=1 {URL}", "POST"),
        (f"curl -F a=1 {URL}", "POST"),
        (f"curl --json '{{}}' {URL}", "POST"),
        (f"curl -G -d a=1 {URL}", "GET"),
        (f"curl -T body.json {URL}", "PUT"),
        (f"curl -XDELETE {URL}", "DELETE"),
        (f"curl -sSfXDELETE {URL}", "DELETE"),
        (f"curl --request=delete {URL}", "DELETE"),
        (f"curl -X GET -d a=1 -X DELETE {URL}", "DELETE"),
        (f"wget -qO- {URL}", "GET"),
        (f"wget --post-data a=1 {URL}", "POST"),
        (f"wget --meth=DELETE {URL}", "DELETE"),
        (f"http {URL}", "GET"),
        (f"http {URL} a=1", "POST"),
        (f"http {URL} a==1 X-A:b", "GET"),
        (f"http delete {URL}", "DELETE"),
        (f"xh -b put {URL} a=1", "PUT"),
        ("gh api user", "GET"),
        ("gh api repos/o/r/issues -f title=x", "POST"),
        ("gh api -XDELETE repos/o/r", "DELETE"),
        ("az rest --method delete --url https://management.azure.com/x", "DELETE"),
        (f"aria2c {URL}", "GET"),
    ],
)
def test_the_method(command: str, method: str) -> None:
    assert only(command).method == method


def test_an_unknown_method_is_none() -> None:
    assert only(f'curl -X "$(cat /etc/method)" {URL}').method is None


@pytest.mark.parametrize(
    "address",
    [
        "https://api.example.com/v1/users/7",
        "HTTPS://API.Example.com./v1/users/7",
        "api.example.com/v1/users/7",
        "https://u:p@api.example.com:443//v1/./x/../users/7",
        "https://api.example.com/v1/%75sers/7?a=b#c",
        "https:\\\\/\\\\/api.example.com\\\\/v1/users/7".replace("\\\\", ""),
    ],
)
def test_addresses_are_brought_into_one_shape(address: str) -> None:
    sent = only(f"curl '{address}'")
    assert (sent.host.known, sent.path.known) == ("api.example.com", "/v1/users/7")


@pytest.mark.parametrize(
    ("command", "paths"),
    [
        ("curl https://a.example/x https://a.example/y", ["/x", "/y"]),
        ("curl 'https://a.example/{x,y}'", ["/x", "/y"]),
        ("curl 'https://a.example/[1-9]'", ["/1"]),
        ("curl -g 'https://a.example/{x,y}'", ["/{x,y}"]),
        ("curl https://a.example/x --next https://a.example/y", ["/x", "/y"]),
        ("wget -i list", ["/v1/users/7"]),
    ],
)
def test_several_addresses(command: str, paths: list[str]) -> None:
    assert [sent.path.known for sent in requests(command)] == paths


@pytest.mark.parametrize(
    ("command", "body"),
    [
        (f"curl -d a=1 -d b=2 {URL}", "a=1&b=2"),
        (f"curl -d @body.json {URL}", '{"a": 1}'),
        (f"curl --data-raw @body.json {URL}", "@body.json"),
        (f"echo hello | curl --data-binary @- {URL}", "hello\n"),
        (f"curl -d @- {URL} <<< hello", "hello\n"),
        (f"curl --data-urlencode 'a=b&c' {URL}", "a=b%26c"),
        (f"curl --data-urlencode a@body.json {URL}", 'a={"a": 1}'),
        (f"http {URL} a=1 b:=2", '{"a": "1", "b": 2}'),
        (f"http {URL} @body.json", '{"a": 1}'),
        (f"wget --post-file=body.json {URL}", '{"a": 1}'),
        (f"curl --variable v=secret --expand-data 'x={{{{v}}}}' {URL}", "x=secret"),
        ("gh api x -f a=1 -F b=2", "a=1&b=2"),
    ],
)
def test_the_body(command: str, body: str) -> None:
    sent = only(command).body
    assert sent is not None
    assert sent.known == body


@pytest.mark.parametrize(
    "command",
    [
        "curl -K options",
        "curl -sK options",
        "curl --config=options",
        f"curl -X GET -K options {URL}",
        f"curl --data -K --conf options {URL}",
        "curl -K - < options",
        f"printf 'request = \"DELETE\"\\n' | curl -K - {URL}",
        f"curl -H 'X-HTTP-Method-Override: DELETE' -d '' {URL}",
        f"curl -d _method=delete {URL}",
        f"curl -X POST '{URL}?_method=DELETE'",
        "printf 'DELETE /v1/users/7 HTTP/1.1\\r\\nHost: api.example.com\\r\\n\\r\\n' | nc 1.2.3.4 80",
        "printf 'DELETE /v1/users/7 HTTP/1.1\\nHost: api.example.com\\n\\n' | openssl s_client -connect 1.2.3.4:443",
    ],
)
def test_hidden_methods_are_seen(command: str) -> None:
    assert any(sent.method == "DELETE" and sent.host.known == "api.example.com" for sent in requests(command))


@pytest.mark.parametrize(
    ("command", "host"),
    [
        ("curl --connect-to ::10.0.0.9:443 https://a.example/x", "10.0.0.9"),
        ("curl --resolve a.example:443:10.0.0.9 https://a.example/x", "10.0.0.9"),
        ("curl --unix-socket /var/run/docker.sock http://localhost/x", "docker.sock"),
    ],
)
def test_detours_are_requests_too(command: str, host: str) -> None:
    assert host in [sent.host.known for sent in requests(command)]


def test_files_that_leave_the_machine_are_read() -> None:
    for command in (f"curl -d @body.json {URL}", f"curl -T body.json {URL}", f"curl -F f=@body.json {URL}"):
        operations = [operation for operation, _ in analysed(command, FakeWorld(files=FILES)).operations]
        assert any(isinstance(o, FileRead) and o.path.known == f"{ROOT}/body.json" for o in operations), command


def test_what_is_downloaded_is_unknown_text_from_the_network() -> None:
    analysis = analysed(f'x="$(curl -s {URL})"; echo "$x" > out', FakeWorld())
    echo = next(invocation for invocation in analysis.invocations if invocation.name == "echo")
    assert any(isinstance(piece, Unknown) and piece.origin is Origin.NETWORK for piece in echo.argv[1].pieces)
    assert "net:api.example.com" in echo.argv[1].sources


@pytest.mark.parametrize("command", [f"curl -o body.json {URL}", f"wget -O body.json {URL}"])
def test_a_download_overwrites(command: str) -> None:
    operations = [operation for operation, _ in analysed(command, FakeWorld(files=FILES)).operations]
    assert any(isinstance(o, FileOverwrite) and o.path.known == f"{ROOT}/body.json" for o in operations)


@pytest.mark.parametrize(
    ("command", "credentials"),
    [
        (f"curl {URL}", False),
        (f"curl -H 'Accept: text/html' {URL}", False),
        (f"curl -H 'Authorization: Bearer t' {URL}", True),
        (f"curl -u a:b {URL}", True),
        (f"curl --oauth2-bearer t {URL}", True),
        ("curl https://a:b@api.example.com/", True),
    ],
)
def test_credentials(command: str, credentials: bool) -> None:
    assert only(command).credentials is credentials


@pytest.mark.parametrize(
    ("command", "verb", "where"),
    [
        ("curl 'https://ch.example.com:8443/?query=DROP%20TABLE%20t'", "DROP", None),
        ("echo 'TRUNCATE TABLE t' | curl https://ch.example.com:8123 --data-binary @-", "TRUNCATE", None),
        ('curl https://console.neon.tech/sql -d \'{"query":"DELETE FROM t"}\'', "DELETE", False),
        ("curl -X PATCH https://x.supabase.co/rest/v1/t -d '{}'", "UPDATE", False),
        ("curl -X PATCH 'https://x.supabase.co/rest/v1/t?id=eq.7' -d '{}'", "UPDATE", True),
        ("curl -d q=DROP+DATABASE+d http://influx.example.com:8086/query", "DROP", None),
    ],
)
def test_sql_over_http(command: str, verb: str, where: bool | None) -> None:
    operations = [operation for operation, _ in analysed(command, FakeWorld()).operations]
    statements = [o for o in operations if isinstance(o, SqlStatement)]
    assert [(s.verb, s.where) for s in statements] == [(verb, where)]


@pytest.mark.parametrize(
    "host",
    [
        *("localhost", "127.0.0.1", "[::1]", "app.localhost", "app.local", "app.test", "api", "10.1.2.3"),
        *("192.168.0.7", "172.20.0.2", "host.docker.internal"),
    ],
)
def test_development_hosts_run(host: str) -> None:
    assert not found(f"curl -X DELETE http://{host}:3000/items/7", FakeWorld(), "http")


@pytest.mark.parametrize("host", ["api.example.com", "8.8.8.8", "172.32.0.1", "vault", "prod-api", "api.internal"])
def test_other_hosts_are_asked_about(host: str) -> None:
    assert "http.delete" in found(f"curl -X DELETE http://{host}:3000/items/7", FakeWorld())


@pytest.mark.parametrize(
    ("command", "stops"),
    [
        ("curl -u sk_test_1: https://api.stripe.com/v1/refunds -d charge=c", False),
        ("curl -u sk_live_1: https://api.stripe.com/v1/refunds -d charge=c", True),
        ("curl https://api.stripe.com/v1/refunds -d charge=c", True),
    ],
)
def test_a_test_key_plays(command: str, stops: bool) -> None:
    assert bool(found(command, FakeWorld(), "http-providers")) is stops


@pytest.mark.parametrize(
    "command",
    [
        "curl -X POST https://api.example.com/v1/users/$(uuidgen) -d '{}'",
        "ID=$(curl -s https://api.example.com/x | jq -r .id); curl -X PUT https://api.example.com/v1/x/$ID -d '{}'",
        "curl -X POST https://api.render.com/v1/services/$(cat id)/deploys",
        'curl -X PATCH https://api.github.com/repos/o/r/git/refs/heads/x -d "{\\"sha\\":\\"$(cat sha)\\"}"',
        'for r in $(gh repo list); do gh api -X PATCH "repos/acme/$r" -F delete_branch_on_merge=true; done',
        'curl https://api.example.com/graphql -d "$(cat body)"',
    ],
)
def test_an_unknown_name_is_taken_for_a_name(command: str) -> None:
    assert not found(command, FakeWorld(), "http")
