"""Other ways to have a command run: none of them is a silent allow. Everything here is judged, nothing is executed."""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable

import pytest

from agentguard.frontdoor import FrontDoor
from agentguard.syntax.quoting import join

STOPPED = (
    ("rm", "-rf", "/"),
    ("git", "push", "--force", "origin", "main"),
    ("curl", "-X", "DELETE", "https://api.example.com/v1/items/1"),
)

door = FrontDoor()


def q(text: str) -> str:
    """``text`` as one word."""
    return join([text])


#: text → another way to run it. Where quoting would get too deep the text itself stands.
WAYS: dict[str, Callable[[str], str]] = {
    "read": lambda text: f'read -r x <<< {q(text)}; eval "$x"',
    "mapfile": lambda text: f'mapfile -t l <<< {q(text)}; eval "${{l[0]}}"',
    "printf -v": lambda text: f'printf -v x %s {q(text)}; $SHELL -c "$x"; bash -c "$x"',
    "alias": lambda text: f"shopt -s expand_aliases\nalias go={q(text)}\ngo",
    "source substitution": lambda text: f"source <(echo {q(text)})",
    "dot stdin": lambda text: f"echo {q(text)} | . /dev/stdin",
    "coproc": lambda text: f"coproc {{\n{text}\n}}",
    "index": lambda text: f": $(( a[$({text})] ))",
    "test -v": lambda text: f"[[ -v 'a[$({text})]' ]]",
    "nameref": lambda text: f'y={q(text)}; declare -n x=y; eval "$x"',
    "indirect": lambda text: f'y={q(text)}; x=y; eval "${{!x}}"',
    "python": lambda text: f"python3 -c {q(f'import os; os.system({text!r})')}",
    "python heredoc": lambda text: (
        f"python3 - <<'THE_END'\nimport subprocess\nsubprocess.run({text!r}, shell=True)\nTHE_END"
    ),
    "node": lambda text: "node -e " + q('require("child_process").execSync(' + json.dumps(text) + ")"),
    "perl": lambda text: "perl -e " + q("system(" + json.dumps(text) + ")"),
    "ruby": lambda text: "ruby -e " + q("system(" + json.dumps(text) + ")"),
    "php": lambda text: "php -r " + q("system(" + json.dumps(text) + ");"),
    "awk": lambda text: "awk " + q("BEGIN { system(" + json.dumps(text) + ") }"),
    "git alias": lambda text: f"git -c {q('alias.x=!' + text)} x",
    "git pager": lambda text: f"GIT_PAGER={q(text)} git log",
    "pager": lambda text: f"git -c {q('core.pager=' + text)} log",
    "ssh command": lambda text: f"GIT_SSH_COMMAND={q(text)} git fetch",
    "editor": lambda text: f"EDITOR={q(text)} git commit",
    "tar": lambda text: f"tar cf x.tar src --checkpoint=1 {q('--checkpoint-action=exec=' + text)}",
    "vim": lambda text: f"vim -es -c {q(':!' + text)} -c q",
    "env -S": lambda text: f"env -S {q('bash -c ' + q(text))}",
    "script": lambda text: f"script -qc {q(text)} /dev/null",
    "parallel": lambda text: f"parallel ::: {q(text)}",
    "su": lambda text: f"su root -c {q(text)}",
    "tmux": lambda text: f"tmux new-session -d {q(text)}",
    "tmux keys": lambda text: f"tmux send-keys -t 0 {q(text)} Enter",
    "at": lambda text: f"echo {q(text)} | at now",
    "cron": lambda text: f"echo {q('* * * * * ' + text)} | crontab -",
    "systemd-run": lambda text: f"systemd-run bash -c {q(text)}",
    "ssh localhost": lambda text: f"ssh localhost {q(text)}",
    "docker": lambda text: f"docker run --rm -v /:/host alpine sh -c {q(text)}",
    "kubectl exec": lambda text: f"kubectl exec deploy/web -- sh -c {q(text)}",
    "BASH_ENV": lambda text: f"echo {q(text)} > /tmp/e.sh; BASH_ENV=/tmp/e.sh bash -c true",
    "PROMPT_COMMAND": lambda text: f"PROMPT_COMMAND={q(text)} bash -i",
    "ENV": lambda text: f"echo {q(text)} > /tmp/e.sh; ENV=/tmp/e.sh sh -i",
    "rev": lambda text: f"echo {q(text[::-1])} | rev | bash",
    "xxd": lambda text: f"echo {text.encode().hex()} | xxd -r -p | bash",
    "printf octal": lambda text: f"printf {q(''.join(f'{chr(92)}{ord(c):03o}' for c in text))} | bash",
    "tee": lambda text: f"echo {q(text)} | tee /tmp/r.sh; chmod +x /tmp/r.sh; /tmp/r.sh",
    "cp": lambda text: f"echo {q(text)} > /tmp/r.sh; cp /tmp/r.sh /tmp/s.sh; sh /tmp/s.sh",
    "make": lambda text: f"printf 'all:\\n\\t%s\\n' {q(text)} | make -f -",
    "hook": lambda text: f"echo {q(text)} > .git/hooks/pre-commit; chmod +x .git/hooks/pre-commit; git commit -m x",
    "sed e": lambda text: f"echo x | sed {q('s/.*/' + text.replace('/', chr(92) + '/') + '/e')}",
    "npx": lambda text: f"npx -c {q(text)}",
    "busybox sh": lambda text: f"busybox sh -c {q(text)}",
    "set": lambda text: f'set -- {text}; "$@"',
    "brace": lambda text: "{" + ",".join(q(w) for w in shlex.split(text)) + "}",
    "replace": lambda text: f'x={q("@" + text)}; eval "${{x/@/}}"',
    "substring": lambda text: f'x={q("zz" + text)}; eval "${{x:2}}"',
    "heredoc var": lambda text: f"x=$(cat <<'THE_END'\n{text}\nTHE_END\n); eval \"$x\"",
    "exec fd": lambda text: f"exec 3<<< {q(text)}; bash <&3",
    "bash fd": lambda text: f"bash /dev/fd/3 3<<< {q(text)}",
    "bash stdin file": lambda text: f"echo {q(text)} > /tmp/q; bash < /tmp/q",
    "awk pipe": lambda text: "awk " + q("BEGIN { print " + json.dumps(text) + ' | "sh" }'),
    "while read": lambda text: f'echo {q(text)} | while read -r l; do eval "$l"; done',
    "for": lambda text: f'for c in {q(text)}; do bash -c "$c"; done',
    "select": lambda text: f'select x in {q(text)}; do eval "$x"; done',
    "trap debug": lambda text: f"trap {q(text)} DEBUG; ls",
    "trap err": lambda text: f"trap {q(text)} ERR; false",
    "export -f": lambda text: f"work() {{\n{text}\n}}; export -f work; bash -c work",
    "find -exec +": lambda text: f"find . -exec {text} {{}} +",
    "sudo -i": lambda text: f"echo {q(text)} | sudo -i",
    "sg": lambda text: f"sg docker -c {q(text)}",
    "flock -c": lambda text: f"flock /tmp/l -c {q(text)}",
    "gdb": lambda text: f"gdb -batch -ex {q('shell ' + text)}",
    "psql shell": lambda text: f"psql -c {q(chr(92) + '! ' + text)}",
    "sqlite shell": lambda text: f"sqlite3 :memory: {q('.shell ' + text)}",
    "less": lambda text: f"LESSOPEN={q('|' + text)} less x",
    "man": lambda text: f"man -P {q(text)} ls",
    "rsync -e": lambda text: f"rsync -e {q('sh -c ' + q(text))} a b:c",
    "ssh proxy": lambda text: f"ssh -o {q('ProxyCommand=' + text)} host",
    "zip": lambda text: f"zip x.zip a.txt -T -TT {q(text)}",
    "strace": lambda text: f"strace -f {text}",
    "ld": lambda text: f"/lib64/ld-linux-x86-64.so.2 /bin/sh -c {q(text)}",
    "nix": lambda text: f"nix-shell --run {q(text)}",
    "conda": lambda text: f"conda run -n x {text}",
    "poetry": lambda text: f"poetry run {text}",
    "pnpm": lambda text: f"pnpm exec {text}",
    "hyperfine": lambda text: f"hyperfine {q(text)}",
    "entr": lambda text: f"ls | entr -n sh -c {q(text)}",
    "direnv": lambda text: f"direnv exec . {text}",
    "dbus-run-session": lambda text: f"dbus-run-session -- {text}",
    "setpriv": lambda text: f"setpriv --no-new-privs {text}",
    "firejail": lambda text: f"firejail --quiet {text}",
    "systemd-inhibit": lambda text: f"systemd-inhibit {text}",
    "caffeinate": lambda text: f"caffeinate -i {text}",
    "op run": lambda text: f"op run -- {text}",
    "aws-vault": lambda text: f"aws-vault exec prod -- {text}",
    "doppler": lambda text: f"doppler run -- {text}",
}


@pytest.mark.parametrize("name", WAYS)
@pytest.mark.parametrize("words", STOPPED, ids=lambda words: words[0])
def test_no_way_round_is_silent(name, words):
    text = WAYS[name](join(words))
    answer = door.judge(text, cwd="/home/dev/app", env={"HOME": "/home/dev", "PATH": "/usr/bin:/bin"})
    assert not answer.failure
    assert answer.verdict.decision != "allow" or answer.verdict.supervise, text
