"""Each kind of finding that real projects showed, in a few lines: the right ones are found, the wrong ones are not."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest
from scan.projects import Project

DATA = Path(__file__).with_name("precision.jsonl")

#: (what it is, file, text, rules that are found and their lines)
RIGHT = [
    ("a formatted device", "a.sh", "D=/dev/mapper/x\nmkfs.ext4 -F \"$D\"\n", [("disks.format", 2)]),
    ("erased signatures", "a.sh", 'wipefs -fa "$1"\n', [("disks.signatures", 1)]),
    ("a key slot made anew", "a.sh", 'cryptsetup luksFormat --batch-mode "$D" key\n', [("backup.volume-remove", 1)]),
    ("a subvolume", "a.sh", 'btrfs subvolume delete "$old"\n', [("backup.volume-remove", 1)]),
    ("an array made anew", "a.sh", "mdadm -CR $md -l1 -n2 $one $two\n", [("backup.raid", 1)]),
    ("an array made smaller", "a.sh", "mdadm --grow $md --size 20000\n", [("backup.raid-grow", 1)]),
    ("a partition table", "a.sh", "sfdisk /dev/vda < table\n", [("disks.partition", 1)]),
    ("a raw write", "a.sh", "dd if=/dev/zero of=/dev/mapper/x bs=1M\n", [("files.device", 1)]),
    ("a cluster, by a trap", "a.sh", "drop() {\n  pg_dropcluster $v x\n}\ntrap drop EXIT\n",
     [("databases.drop-cluster", 2)]),
    ("a playbook, by a trap", "a.sh", "cd x\ntrap 'ansible-playbook uninstall.yml' EXIT\n",
     [("infrastructure.playbook-teardown", 2)]),
    ("an unchecked variable, by a trap", "a.sh", "cd x\ntrap 'rm -rf \"$WORK\"/*' EXIT\n",
     [("scan.unguarded-variable", 2)]),
    ("a named volume", "Makefile", "CACHE = dev-cache\nx:\n\tdocker volume rm -f $(CACHE)\n",
     [("containers.volume-remove", 3)]),
    ("state=absent", "a.sh", 'ansible web -m file -a "path=/srv/x state=absent"\n',
     [("infrastructure.ansible-removes", 1)]),
    ("a directory of the system", "a.sh", "rm -rf /var/lib/cloud\n", [("files.delete-system", 1)]),
    ("every owner", "a.sh", "chown -R nobody /usr\n", [("files.chmod-wide", 1)]),
    ("every mode", "a.sh", "chmod -R 777 /var/www\n", [("files.chmod-wide", 1)]),
]  # fmt: skip

WRONG = [
    ("a mapping", "a.sh", 'dmsetup create hidden --table "0 2048 linear $D 0"\n'),
    ("a lazy unmount", "a.sh", "umount -l /srv/data\numount -f ./mnt\n"),
    ("a loop device", "a.sh", 'losetup -d "$LOOP"\nlosetup -D\n'),
    ("a remount", "a.sh", "mount -o remount,ro /\n"),
    ("the bitmap of an array", "a.sh", "mdadm --grow $md --bitmap=internal\n"),
    ("a text like a program", "a.sh", 'must_fail "mkfs.ext4 for a small image" tool --dry "$IMAGE"\n'),
    ("a serial line", "a.sh", 'printf "%s\\n" ready > /dev/ttyS0\n'),
    ("a path in the arguments", "a.sh", 'ansible local -m template -a "src=a.j2 dest=${OUT}/a"\n'),
    ("a text to a port", "a.sh", 'echo "$text" | nc 127.0.0.1 $port\n'),
    ("a service", "a.sh", "redis-cli -p 6379 shutdown\npg_ctlcluster --mode immediate $v x stop\n"),
    ("refs in variables", "a.sh", 'git push "$repository" "$rev":"refs/heads/$ref"\n'),
    ("an account for one directory", "a.sh", "chown -R app:app /home/app\n"),
    ("a value given before the trap", "a.sh", "trap 'rm -rf \"$WORK\"' EXIT\n: \"${WORK=./work}\"\n"),
]


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path)


def found(project: Project, name: str, text: str) -> list[tuple[str, int]]:
    (project.root / name).write_text(text)
    done = project.run("scan", "--format", "json", name)
    return [(one["rule"], one["line"]) for one in json.loads(done.stdout)["findings"]]


@pytest.mark.parametrize(("name", "text", "rules"), [case[1:] for case in RIGHT], ids=[case[0] for case in RIGHT])
def test_right(name: str, text: str, rules: list[tuple[str, int]], project: Project) -> None:
    assert found(project, name, text) == rules


@pytest.mark.parametrize(("name", "text"), [case[1:] for case in WRONG], ids=[case[0] for case in WRONG])
def test_wrong(name: str, text: str, project: Project) -> None:
    assert found(project, name, text) == []


@pytest.mark.parametrize(
    ("number", "times"), [(1, ("before", "after")), (2, ("before", "after")), (3, ("blind",)), (4, ("blind",))]
)
def test_the_figures_are_those_of_the_data(number: int, times: tuple[str, ...]) -> None:
    every = [json.loads(line) for line in DATA.read_text().splitlines()]
    rows = [row for row in every if row["round"] == number]
    assert all(row["judgement"] in ("right", "wrong", "arguable") and row["why"] for row in rows)
    assert {row["found"] for row in rows} <= {*times, "both"}
    written = DATA.with_suffix(".md").read_text().split("\n## Round ")[number]
    assert written.startswith(f"{number}: ")
    for when in times:
        counts = Counter(row["judgement"] for row in rows if row["found"] in (when, "both"))
        total = counts.total()
        line = f"| {when} | {total} | {counts['right']} | {counts['arguable']} | {counts['wrong']} |"
        assert line in written


def test_no_round_is_left_out() -> None:
    rows = [json.loads(line) for line in DATA.read_text().splitlines()]
    assert {row["round"] for row in rows} == {1, 2, 3, 4}
    assert DATA.with_suffix(".md").read_text().count("\n## Round ") == 4


def test_the_figure_in_front_is_that_of_the_last_round() -> None:
    judged = [row["judgement"] for row in map(json.loads, DATA.read_text().splitlines()) if row["round"] == 4]
    right, wrong = (round(100 * judged.count(what) / len(judged)) for what in ("right", "wrong"))
    assert f"honest figure: {right} % right, {wrong} % wrong." in DATA.with_suffix(".md").read_text()
