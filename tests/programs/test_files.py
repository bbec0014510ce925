"""What file programs lose, from the command line to the rule."""

from __future__ import annotations

import pytest

from agentguard.interpret.values import Truth
from agentguard.light import replace
from agentguard.operations import DeviceWrite, FileDelete, FileMove, FileOverwrite, FileRead, PermissionChange
from tests.fakes import FakeWorld
from tests.programs.judging import ROOT, analysed, found, in_state

STATES = {"src/app.py": "changed", "notes.txt": "untracked", ".env": "ignored", "data/shop.db": "ignored"}


def effects(command: str, kind: type[object], world: FakeWorld | None = None) -> list[object]:
    seen = analysed(command, world or in_state({}))
    assert seen.problem is None
    return [operation for operation, _ in seen.operations if isinstance(operation, kind)]


def paths(command: str, kind: type[object], world: FakeWorld | None = None) -> list[str]:
    return [str(getattr(e, "path", getattr(e, "device", None))) for e in effects(command, kind, world)]


@pytest.mark.parametrize(
    "command",
    [
        "rm -rf /",
        "rm -rf ~",
        'rm -fr "$HOME/"',
        "rm -rf ~/*",
        "rm -r --force ~/.*",
        "rm --recur /home/dev",
        "rm -rf /tmp/../home",
        "cd / && rm -rf *",
        'X=; rm -rf "$X"/*',
        "find ~ -delete",
        "find / -type f -exec rm {} +",
        "ls ~ | xargs -I{} rm -rf ~/{}",
        "rm -rf .",
        "rm -rf *",
        "rm -rf ..",
        "rm -rf .git",
        "rm -rf /etc/nginx",
        "rm -rf ~/Documents",
        "rm -rf ../other",
        'rm -rf "$(cat where.txt)"',
        "ln -s ~/Documents d && rm -rf d/*",
        "shred -u ~/.ssh/id_rsa",
        "mv ~/Documents /tmp/",
        "tar cf x.tar --remove-files ~/Documents",
        "tar cf x.tar --remove ~/Documents",
        "rsync -a --delete empty/ ~/",
        "rsync -a --delete src/ web:/srv/app/",
        "unzip -o x.zip -d ~",
        "tar xf x.tar -C /",
        "chmod -R 777 /",
        "chown -R nobody ~",
        "chattr -R -i /etc",
        "chmod -x /bin/ls",
        "dd if=/dev/zero of=/dev/sda",
        "echo x > /dev/nvme0n1",
        "echo x > /etc/hosts",
        "echo x | tee ~/.zshrc",
        "cp x /usr/bin/ls",
        "echo key >> ~/.ssh/authorized_keys",
        "echo x > .git/hooks/pre-commit",
    ],
)
def test_stopped(command: str) -> None:
    assert found(command, in_state({}), "files.")


@pytest.mark.parametrize(
    "command",
    [
        "rm -rf node_modules dist build",
        "rm -f a.txt",
        "rm -rf docs",
        "rm -rf does-not-exist",
        "rm docs",
        "rm -f *.log",
        "cd build && rm -rf *",
        "rm -rf /tmp/x ~/.cache/pip",
        'D=$(mktemp -d); rm -rf "$D"',
        "mkdir -p out/x && rm -rf out",
        "echo x > new.txt && rm new.txt",
        "rm -f .git/index.lock",
        "find . -name '*.pyc' -delete",
        "find . -type d -empty -delete",
        r"find . -type d \( -name __pycache__ -o -name .tox \) -exec rm -rf {} +",
        "fd -e pyc -x rm",
        "mv README.md docs/",
        "cp README.md copy.md",
        "echo x > out.txt",
        "cat /etc/hosts > hosts.txt",
        "chmod +x run.sh",
        "chmod 600 ~/.ssh/id_rsa",
        "rsync -a --delete src/ dist/",
        "rsync -a src/ web:/srv/app/",
        "tar xf x.tar",
        "docker exec web rm -rf /tmp/cache",
        "ssh build1 rm -rf /tmp/build-7",
        'rm -rf "$DIR_OF_SOMETHING_UNSET"',
    ],
)
def test_everyday(command: str) -> None:
    assert not found(command, in_state({}), "files.")


@pytest.mark.parametrize(
    ("command", "rule"),
    [
        ("rm -rf src", "files.delete-changed"),
        ("rm src/*.py", "files.delete-changed"),
        ("find . -name app.py -delete", "files.delete-changed"),
        ("rm notes.txt", "files.delete-untracked"),
        ("rm -rf data", "files.delete-untracked"),
        ("git ls-files -o | xargs rm -f", "files.delete-untracked"),
        ("git ls-files -m | xargs rm", "files.delete-changed"),
        ("> src/app.py", "files.overwrite-unsaved"),
        (": > notes.txt", "files.overwrite-unsaved"),
        ("cat /dev/null > notes.txt", "files.overwrite-unsaved"),
        ("truncate -s 0 src/app.py", "files.overwrite-unsaved"),
        ("cp README.md src/app.py", "files.overwrite-unsaved"),
        ("mv README.md notes.txt", "files.overwrite-unsaved"),
        ("mv notes.txt x && mv README.md x", "files.overwrite-unsaved"),
        ("mv notes.txt /dev/null", "files.delete-untracked"),
        ("echo A=1 > .env", "files.overwrite-secret"),
        ("echo x > data/shop.db", "files.overwrite-data"),
    ],
)
def test_by_state(command: str, rule: str) -> None:
    assert rule in found(command, in_state(STATES))
    assert rule not in found(command, in_state({}))


@pytest.mark.parametrize(
    "command",
    [
        "cat > src/app.py <<'X'\nnew\nX",
        "echo x > notes.txt",
        "{ echo a; echo b; } > src/app.py",
        "echo A=1 >> .env",
        "sed -i s/a/b/ src/app.py",
        "cp src/app.py /tmp/app.py",
        "cp -n README.md notes.txt",
        "mv -n README.md notes.txt",
        "rm README.md",
        "find docs -name '*.md' -delete",
        "rm -rf dist",
    ],
)
def test_editing_goes_on_in_a_dirty_tree(command: str) -> None:
    assert not found(command, in_state(STATES), "files.")


def test_words_are_made_absolute_and_flags_read() -> None:
    deletes = [e for e in effects("cd docs && rm --recurs -- a -b", FileDelete) if isinstance(e, FileDelete)]
    assert [(str(e.path), e.recursive) for e in deletes] == [(f"{ROOT}/docs/a", True), (f"{ROOT}/docs/-b", True)]
    assert [e.recursive for e in effects("rm -fv a", FileDelete) if isinstance(e, FileDelete)] == [False]


def test_where_a_source_ends_up() -> None:
    moves = effects("mv README.md docs", FileMove)
    assert [str(move.target) for move in moves if isinstance(move, FileMove)] == [f"{ROOT}/docs/README.md"]
    assert paths("cp -t docs README.md", FileOverwrite) == [f"{ROOT}/docs/README.md"]
    assert paths("cp README.md docs/x", FileRead) == [f"{ROOT}/README.md"]


def test_writing_through_a_link() -> None:
    world = replace(in_state({}), links={f"{ROOT}/l": "/home/dev/letter.txt"})
    assert paths("echo x > l", FileOverwrite, world) == ["/home/dev/letter.txt"]
    assert paths("mv README.md l", FileOverwrite, world) == [f"{ROOT}/l"]


def test_devices() -> None:
    assert paths("dd if=a of=/dev/sdb", DeviceWrite) == ["/dev/sdb"]
    assert paths("cat a > /dev/../dev/sda", DeviceWrite) == ["/dev/../dev/sda"]
    for command in ("echo x > /dev/null", "echo x >&2", "cat a > /dev/stderr", "echo x > /dev/shm/x"):
        assert not effects(command, DeviceWrite)


def test_modes_that_look_like_options() -> None:
    def changes(command: str) -> list[tuple[str, str, bool]]:
        found = effects(command, PermissionChange)
        return [(str(e.path), e.mode, e.recursive) for e in found if isinstance(e, PermissionChange)]

    assert changes("chmod -R -w docs") == [(f"{ROOT}/docs", "-w", True)]
    assert changes("chmod 644 a") == [(f"{ROOT}/a", "644", False)]
    assert changes("chattr -i x") == [(f"{ROOT}/x", "-i", False)]
    assert [mode for _, mode, _ in changes("setfacl -m u:x:rwx a b")] == ["u:x:rwx"] * 2


def test_what_cannot_be_known_is_supervised_or_asked() -> None:
    harmless = analysed('while read -r f; do rm "$f"; done < list.txt', in_state({}))
    assert {f.decision for f in harmless.findings} == {"supervise"}
    tree = analysed('while read -r f; do rm -rf "$f"; done < list.txt', in_state({}))
    assert any(f.decision == "ask" and f.certainty is Truth.MAYBE for f in tree.findings)


@pytest.mark.parametrize(
    ("command", "emptied"),
    [
        ("sort -u notes.txt > notes.txt", True),
        ("grep -v x notes.txt > ./notes.txt", True),
        ("cat notes.txt | sort | uniq > notes.txt", True),
        ("sort < notes.txt > notes.txt", True),
        ("sort notes.txt > other.txt", False),
        ("sort notes.txt >> notes.txt", False),
        ("sort -o notes.txt notes.txt", False),
        ("sort notes.txt | sponge notes.txt", False),
        ('X=$(cat notes.txt); echo "$X" | sort > notes.txt', False),
        ('echo "$(sort notes.txt)" > notes.txt', False),
        ("sort notes.txt > notes.new && mv notes.new notes.txt", False),
        ("date > notes.new && mv notes.new notes.txt", True),
    ],
)
def test_a_file_emptied_by_its_own_reader(command: str, emptied: bool) -> None:
    assert ("files.overwrite-unsaved" in found(command, in_state({"notes.txt": "changed"}))) is emptied
