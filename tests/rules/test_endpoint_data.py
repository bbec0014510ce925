"""Every row of the endpoint data is judged: what it names is stopped, and looking at the same place runs."""

from __future__ import annotations

import re

import pytest

from agentguard.frontdoor import FrontDoor
from agentguard.programs.aws_paths import operations, prefixes
from agentguard.programs.http_aws import kebab
from agentguard.rulebook.load import load

RULEBOOK = load()
ENVIRONMENT = {"HOME": "/home/dev", "PATH": "/usr/bin:/bin"}
METHODS = ("POST", "PUT", "PATCH", "DELETE")
SIGNED = 'curl -sS --aws-sigv4 aws:amz:us-east-1:x --user "$K:$S"'

#: (host, method, path, service, operation) of every REST call of AWS in the table
REST = [(prefix, method, *row) for prefix in prefixes() for method in METHODS for row in operations(prefix, method)]
#: every operation that a rule on AWS names
NAMED = sorted(
    {
        " ".join(path).replace("*", "x")
        for rule in RULEBOOK.rules
        if rule.pack == "aws-operations" and not {"values", "verb"} & rule.matcher.keys()
        for path in rule.matcher["subcommand"]
    }
)


def rows(light: bool) -> list[tuple[str, str, str]]:
    """(host, method, path) of the endpoints of the pack."""
    found = []
    for name, endpoint in RULEBOOK.endpoints.items():
        if name.startswith("light.") is light and name.partition(".")[0] in ("light", "over", "access", "end", "down"):
            for template in endpoint["paths"]:
                method, _, path = template.partition(" ")
                found += [(host.replace("*", "example"), method, filled(path)) for host in endpoint["hosts"]]
    return found


def filled(path: str) -> str:
    """A template with names in its placeholders."""
    path = path.replace("{n}", "1").replace("**", "projects/p1")
    return re.sub(r"\{[^}]*\}", "x1", path)


@pytest.fixture(scope="module")
def door() -> FrontDoor:
    return FrontDoor()


def verdicts(door: FrontDoor, texts: list[str]) -> dict[str, str]:
    return {text: door.judge(text, cwd="/home/dev", env=ENVIRONMENT).verdict.decision for text in texts}


def address(prefix: str, path: str) -> str:
    return f"'https://{prefix}.us-east-1.amazonaws.com{'' if path.startswith('/') else '/b1'}{filled(path)}'"


def test_every_rest_call_of_aws_in_the_table_is_stopped_and_named(door: FrontDoor) -> None:
    assert len(REST) > 250
    for prefix, method, path, service, operation in REST:
        answer = door.judge(f"{SIGNED} -X {method} {address(prefix, path)}", cwd="/home/dev", env=ENVIRONMENT)
        assert answer.verdict.decision == "ask", (prefix, method, path)
        assert any(f"{service} {operation}" in finding.target for finding in answer.verdict.findings), (prefix, path)


def test_a_get_on_the_same_address_runs(door: FrontDoor) -> None:
    found = verdicts(door, [f"{SIGNED} {address(prefix, path)}" for prefix, _, path, _, _ in REST])
    assert len(found) > 200
    assert {text for text, decision in found.items() if decision != "allow"} == set()


def test_every_named_operation_of_aws_is_stopped(door: FrontDoor) -> None:
    found = verdicts(door, [f"aws {words} --region us-east-1" for words in NAMED])
    assert len(found) > 50
    assert {text for text, decision in found.items() if decision != "ask"} == set()


def test_the_commands_that_look_at_the_same_things_run(door: FrontDoor) -> None:
    things = {(service, operation.partition("-")[2]) for *_, service, operation in REST if "-" in operation}
    things |= {(words.split()[0], words.split()[1].partition("-")[2]) for words in NAMED}
    texts = [f"aws {service} {verb}-{noun}" for service, noun in sorted(things) for verb in ("describe", "list")]
    found = verdicts(door, texts)
    assert len(found) > 400
    assert {text for text, decision in found.items() if decision != "allow"} == set()


@pytest.mark.parametrize(
    "spelling",
    [
        "curl https://{host}/ -d 'Action={name}&Version=1'",
        "curl 'https://{host}/?Action={name}&Version=1'",
        "curl https://{host}/ -H 'X-Amz-Target: Service_1.{name}' -d '{{}}'",
        "curl https://{host}/service/Service/operation/{name} --data-binary @body.cbor",
    ],
)
def test_operations_in_each_protocol(door: FrontDoor, spelling: str) -> None:
    stopped = ["DeleteTable", "TerminateInstances", "DisassociateAddress", "StopDBInstance", "RebuildWorkspaces"]
    hosts = ["dynamodb", "ec2", "ec2", "rds", "workspaces"]
    for host, name in zip(hosts, stopped, strict=True):
        answer = door.judge(
            spelling.format(host=f"{host}.eu-west-1.amazonaws.com", name=name), cwd="/home/dev", env=ENVIRONMENT
        )
        assert answer.verdict.decision == "ask", name
        assert any(kebab(name) in finding.target for finding in answer.verdict.findings), name
    runs = [f"{verb}{name}s" for verb in ("Describe", "List", "Get") for name in ("Table", "Instance", "Key", "Stack")]
    texts = [spelling.format(host="ec2.eu-west-1.amazonaws.com", name=name) for name in runs]
    assert set(verdicts(door, texts).values()) == {"allow"}


def test_parameters_of_a_request_count_as_options(door: FrontDoor) -> None:
    rds, ec2 = "https://rds.us-east-1.amazonaws.com/", "https://ec2.us-east-1.amazonaws.com/"
    ecs = "https://ecs.us-east-1.amazonaws.com/ -H 'X-Amz-Target: AmazonEC2ContainerServiceV20141113.UpdateService'"
    found = verdicts(
        door,
        [
            f"curl {rds} -d 'Action=ModifyDBInstance&DBInstanceIdentifier=shop&BackupRetentionPeriod=0'",
            f"curl {rds} -d 'Action=ModifyDBInstance&DBInstanceIdentifier=shop&DeletionProtection=false'",
            f'curl {ecs} -d \'{{"service":"web","desiredCount":0}}\'',
            'curl "https://ec2.$AWS_REGION.amazonaws.com/?Action=TerminateInstances&InstanceId.1=i-1"',
            f"awscurl --service ec2 '{ec2}?Action=TerminateInstances&InstanceId.1=i-1'",
        ],
    )
    assert set(found.values()) == {"ask"}
    found = verdicts(
        door,
        [
            f"curl {rds} -d 'Action=ModifyDBInstance&DBInstanceIdentifier=shop&BackupRetentionPeriod=14'",
            f'curl {ecs} -d \'{{"service":"web","desiredCount":2}}\'',
            f"curl {ec2} -d 'Action=TerminateInstances&InstanceId.1=i-1&DryRun=true'",
            "curl https://abc.execute-api.us-east-1.amazonaws.com/prod/orders -d '{}'",
        ],
    )
    assert set(found.values()) == {"allow"}


def test_every_endpoint_with_a_harmless_name_is_stopped(door: FrontDoor) -> None:
    found = verdicts(door, [f"curl -X {method} https://{host}{path}" for host, method, path in rows(light=False)])
    assert len(found) > 15
    assert {text for text, decision in found.items() if decision != "ask"} == set()


def test_every_endpoint_that_takes_nothing_away_runs(door: FrontDoor) -> None:
    found = verdicts(door, [f"curl -X {method} https://{host}{path}" for host, method, path in rows(light=True)])
    assert len(found) > 40
    assert {text for text, decision in found.items() if decision != "allow"} == set()


def test_the_same_paths_are_stopped_elsewhere(door: FrontDoor) -> None:
    """What is left alone at one provider is left alone there only."""
    found = verdicts(
        door, [f"curl -X DELETE https://api.example.com{path}" for _, method, path in rows(True) if method == "DELETE"]
    )
    assert set(found.values()) == {"ask"}


def test_a_document_that_is_called_like_an_operation_is_still_deleted(door: FrontDoor) -> None:
    found = verdicts(
        door,
        [
            "curl -X DELETE https://firestore.googleapis.com/v1/projects/p/databases/d/documents/operations/a",
            "curl -X DELETE https://storage.googleapis.com/storage/v1/b/bucket/o/operations/a",
        ],
    )
    assert set(found.values()) == {"ask"}


def test_a_get_on_every_endpoint_of_every_pack_runs(door: FrontDoor) -> None:
    named = set(rows(light=False))
    texts = []
    for endpoint in RULEBOOK.endpoints.values():
        host = endpoint["hosts"][0].replace("*", "example")
        for template in endpoint["paths"]:
            path = filled(template.partition(" ")[2] or template)
            if (host, "GET", path) not in named and "graphql" not in path and "reset" not in path:
                texts.append(f'curl -H "Authorization: Bearer $TOKEN" https://{host}{path}')
    found = verdicts(door, texts)
    assert len(found) > 200
    assert {text for text, decision in found.items() if decision != "allow"} == set()
