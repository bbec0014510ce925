"""What command-line tools hit, and in which environment."""

from __future__ import annotations

import hashlib

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


def test_the_selected_stack_of_pulumi() -> None:
    where = f"{ROOT}/Pulumi.yaml"
    digest = hashlib.sha1(where.encode(), usedforsecurity=False).hexdigest()
    files = {where: "name: shop\nruntime: go\n", f"{HOME}/.pulumi/workspaces/shop-{digest}-workspace.json": STACK}
    assert finding("pulumi destroy --yes", files).target == "acme/prod"
    assert finding("pulumi destroy --yes", files).environment == "production"


STACK = '{"stack": "acme/prod"}'
STATE = f'{{"projects": {{"{ROOT}": {{"name": "shop", "environmentName": "staging"}}}}}}'
LINK = {f"{HOME}/.railway/config.json": STATE}


@pytest.mark.parametrize(
    ("command", "environment"),
    [
        ("railway down -y", "staging"),
        ("railway environment production && railway down -y", "production"),
        ("railway link --project other --environment production; railway down -y", "production"),
        ("railway environment list; railway down -y", "staging"),
        ("cd /tmp && railway down -y", "unknown"),
    ],
)
def test_the_link_of_a_directory(command: str, environment: str) -> None:
    assert finding(command, LINK).environment == environment


def test_a_context_that_no_file_knows_is_not_chosen() -> None:
    config = "contexts:\n- context:\n    cluster: c\n  name: prod-eu\ncurrent-context: prod-eu\n"
    found = finding("kubectl config use-context kind-dev; kubectl delete ns x", {f"{HOME}/.kube/config": config})
    assert found.environment == "production"


def test_a_local_name_with_an_address_of_the_internet_is_not_local() -> None:
    config = (
        "clusters:\n- cluster:\n    server: https://203.0.113.7:6443\n  name: c\n"
        "contexts:\n- context:\n    cluster: c\n    namespace: shop\n  name: minikube\ncurrent-context: minikube\n"
    )
    found = finding("kubectl delete deploy web", {f"{HOME}/.kube/config": config})
    assert (found.environment, found.target) == ("unknown", "deploy web in shop (context minikube)")


def test_an_unreadable_service_leaves_the_host_open() -> None:
    found = finding("psql service=shop -c 'DROP TABLE orders'")
    assert (found.environment, found.target) == ("unknown", "orders in service shop")


def test_the_machine_is_named() -> None:
    assert finding("ssh prod-1 'psql shop -c \"DROP TABLE orders\"'").target.endswith("(ssh prod-1)")


@pytest.mark.parametrize(
    ("command", "title"),
    [
        ("gh repo delete a/b --yes", "deletes the GitHub repository a/b"),
        ("GH_TOKEN=$X gh repo delete a/b --yes", "deletes the GitHub repository a/b"),
        (
            "GH_TOKEN=ghp_aB3dE5gH7jK9mN1pQ2rS4tU6vW8xY0zaB3dE gh repo delete a/b --yes",
            "deletes the GitHub repository a/b, with the token ghp_…B3dE written in the command",
        ),
        (
            "PGPASSWORD=hunter2hunter2 psql -h db.example.com shop -c 'DROP TABLE orders'",
            "drops orders in db.example.com/shop with everything in it, with a password written in the command",
        ),
    ],
)
def test_a_token_in_the_command_is_named_and_not_shown(command: str, title: str) -> None:
    assert finding(command).title == title


def test_a_settings_file_without_end_says_nothing() -> None:
    found = finding("terraform destroy", {f"{ROOT}/.terraform/terraform.tfstate": "[" * 100_000})
    assert (found.environment, found.target) == ("unknown", "(app, workspace default)")


def test_comments_and_quotes_of_settings_files() -> None:
    config = {f"{HOME}/.kube/config": 'contexts: # none yet\ncurrent-context: "kind-dev" # not prod\n'}
    assert finding("kubectl delete ns x", config).target == "ns x (context kind-dev)"
    env = {f"{ROOT}/.env": "DATABASE_URL=postgres://app@db.example.com/shop # the old one\n"}
    assert finding("npx prisma migrate reset --force", env).target == "db.example.com/shop"
