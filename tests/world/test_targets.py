"""What command-line tools hit, and in which environment."""

from __future__ import annotations

import pytest

from agentguard.rulebook.model import Finding
from tests.fakes import FakeWorld
from tests.programs.judging import ROOT, analysed

HOME = "/home/dev"
KUBECONFIG = {f"{HOME}/.kube/config": "apiVersion: v1\ncurrent-context: kind-dev\n"}
PRODUCTION = {f"{HOME}/.kube/config": "current-context: prod-eu\n"}


def finding(command: str, files: dict[str, str] | None = None, **env: str) -> Finding:
    found = analysed(command, FakeWorld(files=files or {}, env={"HOME": HOME, **env})).findings
    assert found, command
    return found[0]


@pytest.mark.parametrize(
    ("command", "files", "environment"),
    [
        ("kubectl delete ns shop", {}, "unknown"),
        ("kubectl delete ns shop", KUBECONFIG, "local"),
        ("kubectl delete ns shop", PRODUCTION, "production"),
        ("kubectl --context prod delete ns shop", KUBECONFIG, "production"),
        ("kubectl delete ns staging", {}, "staging"),
        ("kubectl -n prod delete deploy web", {}, "production"),
        ("kubectl -n prod delete deploy web", KUBECONFIG, "local"),
        ("helm --kube-context minikube uninstall db", {}, "local"),
        ("terraform -chdir=prod destroy", {}, "production"),
        ("TF_WORKSPACE=staging terraform destroy", {}, "staging"),
        ("terraform destroy", {f"{ROOT}/.terraform/environment": "production"}, "production"),
        ("pulumi destroy -s acme/prod", {}, "production"),
        ("aws --profile prod ec2 terminate-instances --instance-ids i", {}, "production"),
        ("aws --endpoint-url http://localhost:4566 s3 rb s3://x", {}, "local"),
        ("gcloud sql instances delete db --project shop-dev", {}, "staging"),
        ("az group delete -g prod-rg", {}, "production"),
        ("docker volume rm x", {}, "local"),
        ("docker --context production volume rm x", {}, "production"),
        ("docker volume rm x", {f"{HOME}/.docker/config.json": '{"currentContext": "prod"}'}, "production"),
    ],
)
def test_environment(command: str, files: dict[str, str], environment: str) -> None:
    assert finding(command, files).environment == environment


def test_variables_name_the_place() -> None:
    assert finding("aws s3 rb s3://x", AWS_PROFILE="prod", AWS_REGION="eu-west-1").target.endswith(
        "(profile prod, region eu-west-1)"
    )
    assert (
        finding("kubectl delete ns x", {"/k": "current-context: prod\n"}, KUBECONFIG="/k").environment == "production"
    )
    assert finding("docker volume rm x", DOCKER_HOST="ssh://root@prod-1").environment == "production"


def test_a_gcloud_configuration_names_the_project() -> None:
    files = {
        f"{HOME}/.config/gcloud/active_config": "work\n",
        f"{HOME}/.config/gcloud/configurations/config_work": "[core]\nproject = shop-prod\n",
    }
    assert "project shop-prod" in finding("gcloud sql instances delete db", files).target


def test_the_context_is_named() -> None:
    assert finding("kubectl delete ns shop", PRODUCTION).target == "ns shop (context prod-eu)"
    assert "workspace default" in finding("terraform destroy").target
