"""Programs that start, type or send on what they are told: dotfiles, terminals, file servers, other machines."""

from __future__ import annotations

import pytest

from tests.fakes import FakeRepository, FakeWorld
from tests.programs.judging import ROOT, found


def stops(command: str) -> set[str]:
    return found(command, FakeWorld(env={"HOME": "/home/dev"}, git=FakeRepository(root=ROOT)))


@pytest.mark.parametrize(
    "command",
    [
        "pass git push --force",
        "chezmoi git push -- --force",
        "chezmoi --source /srv/dots git -- push --force",
        "gopass --yes git push --force",
        "yadm push --force",
        "yadm --yadm-dir /srv/dots push --force",
        "vcsh -v vim push --force",
        "vcsh run vim rm -rf /",
        "etckeeper vcs push --force",
        "vcsh vim push --force",
        "kitty @ send-text 'rm -rf /\\r'",
        "kitten @ launch rm -rf /",
        "wezterm cli send-text --pane-id 1 --no-paste 'rm -rf /'",
        "screen -S w -p 0 -X stuff $'rm -rf /\\r'",
        "xdotool type 'rm -rf /'",
        "systemd-nspawn -D / rm -rf /home",
        "launchctl asuser 501 rm -rf /",
        "consul watch -type key -key foo rm -rf /",
        "consul watch -type=service -service=web 'rm -rf /'",
        "az container exec -g g -n c --exec-command 'rm -rf /data'",
        "az aks command invoke -g g -n c --command 'kubectl delete ns prod'",
        "az ssh vm -g g -n vm -- rm -rf /srv",
        "hatch run test:rm -rf /",
        "sbatch --wrap 'rm -rf /'",
        "kamal app exec -i 'bin/rails db:drop'",
        "lldb -b -o 'shell rm -rf /'",
        "cargo --config 'target.x.runner=\"rm -rf /\"' run",
        "printf 'Host x\\n  ProxyCommand rm -rf /\\n' > /tmp/cfg; ssh -F /tmp/cfg x",
        "git clone -c protocol.ext.allow=always 'ext::sh -c rm% -rf% /' x",
        "printf 'rm *\\n' > b; sftp -b b h.example.com",
        "curl --quote '-DELE f' ftp://h.example.com/",
        "curl -X DELE ftp://h.example.com/f",
        "smbclient //h/s -c 'recurse; prompt; del *'",
    ],
)
def test_what_is_started_is_judged(command: str) -> None:
    assert stops(command)


@pytest.mark.parametrize(
    "command",
    [
        "pass git log",
        "chezmoi git status",
        "yadm push",
        "vcsh vim status",
        "kitty @ send-text 'npm test\\r'",
        "wezterm cli split-pane -- htop",
        "xdotool key Return",
        "systemd-nspawn -D /srv/c ls",
        "launchctl list",
        "consul members",
        "consul watch -type key -key foo cat",
        "az container exec -g g -n c --exec-command '/bin/ls'",
        "hatch run test:cov",
        "sbatch --wrap 'python train.py'",
        "kamal app exec 'bin/rails about'",
        "cargo build --config 'profile.dev.debug=1'",
        "ssh -F cfg host uptime",
        "printf 'cd x\\nget rm\\nbye\\n' | sftp h.example.com",
        "curl -Q 'PASV' ftp://h.example.com/",
        "curl -X GET https://api.example.com/DELE",
        "smbclient //h/s -c 'ls'",
    ],
)
def test_everyday_siblings_run(command: str) -> None:
    assert not stops(command)
