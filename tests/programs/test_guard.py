"""What counts as touching the guard."""

from __future__ import annotations

import pytest

from agentguard.operations import PolicyTamper
from tests.fakes import FakeWorld
from tests.programs.judging import analysed

CONFIG = "/home/dev/.config/agentguard/config.toml"
STATE = "/home/dev/.local/state/agentguard/audit.jsonl"


def tampers(command: str) -> set[str]:
    world = FakeWorld(files={CONFIG: "mode = 'standard'\n", STATE: "{}\n"})
    return {
        operation.what for operation, _ in analysed(command, world).operations if isinstance(operation, PolicyTamper)
    }


@pytest.mark.parametrize(
    ("command", "what"),
    [
        ("agentguard approve 1", "approve"),
        ("agentguard some-new-command", "approve"),
        ("X=approve; agentguard $X 1", "approve"),
        ("agentguard $(cat word) 1", "approve"),
        ("agentguard config set mode observe", "config"),
        ("agentguard uninstall", "harness"),
        ("agentguard rules disable x", "config"),
        (f": > {CONFIG}", "config"),
        ("echo x >> ~/.config/agentguard/rules/mine.toml", "config"),
        (f"rm {STATE}", "state"),
        ("rm -rf ~/.local/state", "state"),
        ("rm -rf ~/.config/*", "state"),
        ("sqlite3 ~/.local/state/agentguard/requests.db 'update r set a=1'", "state"),
        ("rm /usr/local/bin/agentguard", "package"),
        ("uv tool uninstall agentguard", "package"),
        ("sed -i s/a/b/ \"$(python3 -c 'import agentguard; print(agentguard.__path__[0])')\"/*.py", "package"),
        ("cd $(python3 -c 'import agentguard as a; print(a.__path__[0])') && rm policy.py", "package"),
        ("cp x.py \"$(pip show agentguard | grep Location | cut -d' ' -f2)/agentguard/judge.py\"", "package"),
        ("pip install --force-reinstall agentguard==0.1", "package"),
        ("pkill -f agentguard", "process"),
        ("kill $(pgrep -f agentguard)", "process"),
        ("launchctl bootout gui/501/agentguard", "process"),
        ("AGENTGUARD_MODE=observe ls", "bypass"),
        ("env -u AGENTGUARD_SESSION ls", "bypass"),
        ("alias agentguard-shell=bash", "bypass"),
        ("export CLAUDE_CODE_SHELL=/bin/bash", "bypass"),
        ("echo {} > ~/.claude/settings.json", "harness"),
        ("git rm .agentguard.toml", "config"),
    ],
)
def test_tampering(command: str, what: str) -> None:
    assert what in tampers(command)


@pytest.mark.parametrize(
    "command",
    [
        "agentguard",
        "agentguard --help",
        "agentguard explain 'agentguard approve 1'",
        "agentguard rules list",
        "agentguard config show",
        "agentguard approve --help",
        "agentguard exec -- ls",
        f"cat {CONFIG}",
        f"cp {CONFIG} /tmp/copy.toml",
        "rm -rf ~/.config/other",
        "rm -rf ~/.local/share/app",
        "pip install agentguard",
        "pip uninstall other",
        "pip show agentguard > /tmp/where.txt",
        'rm "$(python3 /srv/agentguard/newest.py)"',
        "cat \"$(python3 -c 'import agentguard; print(agentguard.__file__)')\"",
        "rm -rf $(python3 -c 'import other; print(other.__path__[0])')/cache",
        "pgrep -af agentguard",
        "systemctl --user status agentguard",
        "echo $AGENTGUARD_MODE",
        "ssh web1 'rm -rf ~/.config/agentguard'",
    ],
)
def test_leaving_it_alone(command: str) -> None:
    assert tampers(command) == set()


def test_the_inner_command_of_exec_is_judged() -> None:
    rules = {finding.rule for finding in analysed("agentguard exec -- terraform destroy", FakeWorld()).findings}
    assert "infrastructure.terraform-destroy" in rules
    rules = {
        finding.rule for finding in analysed("agentguard-shell -lc 'kubectl delete ns prod'", FakeWorld()).findings
    }
    assert "kubernetes.namespace-delete" in rules
