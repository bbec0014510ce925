"""Infrastructure, cluster, container, cloud and process tools that need more than an option table."""

from __future__ import annotations

import pytest

from tests.fakes import FakeWorld
from tests.programs.judging import analysed, found


@pytest.mark.parametrize(
    ("command", "rule"),
    [
        ("TF_CLI_ARGS=-destroy terraform apply", "infrastructure.terraform-apply-destroy"),
        (
            "TF_CLI_ARGS_apply='-auto-approve -destroy' terraform -chdir=x apply",
            "infrastructure.terraform-apply-destroy",
        ),
        ("terraform plan -destroy -out x && terraform apply x", "infrastructure.terraform-apply-destroy"),
        ("ansible all -a 'systemctl stop nginx'", "system.service-stop"),
        ("ansible db -m shell -a 'kubectl delete ns prod'", "kubernetes.namespace-delete"),
        ("salt '*' cmd.run 'crontab -r'", "system.crontab-remove"),
        ("knife ssh 'role:db' 'sudo reboot'", "system.reboot"),
        ("minikube kubectl -- --context prod delete ns x", "kubernetes.namespace-delete"),
        ("k3s kubectl delete ns x", "kubernetes.namespace-delete"),
        ("docker rm -f $(docker ps -aq)", "containers.remove-all"),
        ("docker ps -q | xargs docker rm -f", "containers.remove-all"),
        ("aws ssm send-command --parameters 'commands=[\"crontab -r\"]'", "system.crontab-remove"),
        ("aws ssm send-command --parameters commands='crontab -r'", "system.crontab-remove"),
        ('aws ssm send-command --parameters \'{"commands":["crontab -r"]}\'', "system.crontab-remove"),
        ("aws ecs execute-command --task t --command 'dropdb shop'", "sql.drop-database"),
        ("az vm run-command invoke -n vm --scripts 'crontab -r'", "system.crontab-remove"),
        ("kill $(pgrep node)", "system.pkill-broad"),
        ("pidof python3 | xargs kill -9", "system.pkill-broad"),
        ("/etc/init.d/nginx stop", "system.service-stop-sysv"),
    ],
)
def test_what_is_inside(command: str, rule: str) -> None:
    assert rule in found(command, FakeWorld())


@pytest.mark.parametrize(
    "command",
    [
        "TF_CLI_ARGS_plan=-destroy terraform plan",
        "terraform plan -destroy -out x && terraform show x",
        "terraform plan -out x && terraform apply x",
        "ansible all -a uptime",
        "ansible all -a 'crontab -r' --check",
        "docker rm -f $(cat web.cid)",
        "kill $(pgrep -f 'vite --port 1')",
        "kill $(cat app.pid)",
        "minikube kubectl -- delete ns x",
    ],
)
def test_what_is_not(command: str) -> None:
    assert found(command, FakeWorld()) == set()


@pytest.mark.parametrize(
    "command", ["helmfile sync", "helmfile -e prod apply", "ansible-playbook site.yml", "aws lambda invoke x"]
)
def test_what_cannot_be_seen_is_said(command: str) -> None:
    assert analysed(command, FakeWorld()).opaque


@pytest.mark.parametrize("command", ["helmfile list", "ansible-playbook site.yml --check"])
def test_what_only_looks(command: str) -> None:
    assert analysed(command, FakeWorld()).opaque == []
