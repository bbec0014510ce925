"""Classes of paths: literal, through links, with patterns, and in part unknown."""

from __future__ import annotations

import pytest

from agentguard.interpret.invocation import Invocation
from agentguard.interpret.values import Origin, Pattern, Truth, Unknown, Value, literal
from agentguard.light import replace
from agentguard.world.paths import classes
from agentguard.world.settings import Protection, Settings
from tests.fakes import FakeRepository, FakeWorld

ROOT = "/home/dev/work/app"
SAFE = Unknown(Origin.OUTPUT, "find", path_safe=True)
ALL_SAFE = Unknown(Origin.OUTPUT, "ls", many=True, path_safe=True)
ANY = Unknown(Origin.INPUT)
STAR = Pattern("*")


def world(states: dict[str, str] | None = None, **changes: object) -> FakeWorld:
    held = {f"{ROOT}/{path}": state for path, state in (states or {}).items()}
    files = dict.fromkeys((path for path in held if not path.endswith("/")), "x")
    files |= {f"{ROOT}/{name}": "x" for name in ("a.txt", "src/app.py")}
    made = FakeWorld(files=files, git=FakeRepository(root=ROOT, states=held))
    return replace(made, **changes)  # type: ignore[arg-type]  # the fields that a test names


def invocation(cwd: str = ROOT, **changes: object) -> Invocation:
    return replace(Invocation((literal("rm"),), (0, 2), (), {}, literal(cwd)), **changes)  # type: ignore[arg-type]


def held(path: str | Value, at: FakeWorld | None = None, where: Invocation | None = None) -> set[str]:
    """The classes that hold for certain."""
    value = literal(path) if isinstance(path, str) else path
    found = classes(value, where or invocation(), at or world())
    return {name for name, truth in found.items() if truth is Truth.YES}


def possible(value: Value, at: FakeWorld | None = None) -> set[str]:
    return {name for name, truth in classes(value, invocation(), at or world()).items() if truth is Truth.MAYBE}


@pytest.mark.parametrize(
    ("path", "wanted"),
    [
        ("/", {"root", "system"}),
        ("/etc", {"system"}),
        ("//etc//passwd", {"system"}),
        ("/tmp/../etc", {"system"}),
        ("/home", {"home"}),
        ("/home/dev", {"home"}),
        ("/home/dev/", {"home"}),
        ("/home/other", {"home"}),
        ("/root", {"home"}),
        ("/home/dev/Documents", {"home_entry", "home_top", "outside"}),
        ("/home/dev/.ssh/id_ed25519", {"secret", "home_entry"}),
        ("/home/dev/.bashrc", {"shell_startup"}),
        ("/home/dev/.ssh/authorized_keys", {"login", "secret"}),
        ("/dev/sda", {"device"}),
        ("/home/dev/.cache/pip", {"rebuildable"}),
        ("/var/lib/apt/lists/x", {"rebuildable"}),
        ("/tmp/x", {"temporary"}),
        (ROOT, {"cwd_all", "project_root", "inside"}),
        ("/home/dev/work", {"parent", "outside"}),
        (f"{ROOT}/.git", {"git_dir", "inside"}),
        (f"{ROOT}/.git/hooks/pre-commit", {"git_dir", "vcs_config"}),
        (f"{ROOT}/node_modules", {"rebuildable", "inside"}),
        (f"{ROOT}/src/__pycache__", {"rebuildable"}),
        (f"{ROOT}/nothing", {"missing", "inside"}),
        (f"{ROOT}/src", {"restorable", "inside"}),
        (f"{ROOT}/a.txt", {"restorable", "inside"}),
        ("/data", {"system", "outside"}),
        ("/data/x", {"outside"}),
    ],
)
def test_literal_paths(path: str, wanted: set[str]) -> None:
    assert wanted <= held(path)


def test_what_is_not_said() -> None:
    assert "system" not in held("/tmp/etc")
    assert "temporary" not in held("/tmp")
    assert "secret" not in held(f"{ROOT}/.env.example")
    assert "secret" not in held("/home/dev/.ssh/id_ed25519.pub")
    assert "device" not in held("/dev/null")
    assert "rebuildable" not in held("/home/dev/bin")
    assert "rebuildable" not in held("/home/dev/build")
    assert "home" not in held("/home/dev/x")
    assert "restorable" not in held("/home/dev/Documents")


@pytest.mark.parametrize("state", ["changed", "untracked", "ignored"])
def test_states(state: str) -> None:
    at = world({"src/x.cfg": state})
    assert state in held(f"{ROOT}/src/x.cfg", at)
    assert state in held(f"{ROOT}/src", at)
    assert state in held(Value((f"{ROOT}/src/", STAR)), at)
    assert state in held(Value((f"{ROOT}/src/", SAFE, ".cfg")), at)
    assert state not in held(f"{ROOT}/a.txt", at)
    assert state not in held(Value((f"{ROOT}/src/", SAFE, ".py")), at)


def test_untracked_directories_are_listed_as_a_whole() -> None:
    at = world({"scratch/": "untracked"}, directories=(ROOT, f"{ROOT}/scratch"))
    at.files = {**at.files, f"{ROOT}/scratch/new.py": "x"}
    assert "untracked" in held(f"{ROOT}/scratch/new.py", at)
    assert "untracked" in held(Value((f"{ROOT}/", SAFE, ".py")), at)
    assert "untracked" not in held(Value((f"{ROOT}/", SAFE, ".md")), at)


def test_nothing_is_lost_with_links_empty_files_and_empty_directories() -> None:
    at = world({"l": "untracked", "e": "untracked", "d/": "untracked"}, links={f"{ROOT}/l": "/home/dev/Documents"})
    at.files = {path: text for path, text in at.files.items() if path not in (f"{ROOT}/l", f"{ROOT}/d")}
    at.files[f"{ROOT}/e"] = ""
    at.directories = (*at.directories, f"{ROOT}/d")
    for name in "led":
        assert "missing" in held(f"{ROOT}/{name}", at), name


def test_links_are_followed_behind_a_slash() -> None:
    at = world(links={f"{ROOT}/link": "/home/dev/Documents"})
    assert "inside" in held(f"{ROOT}/link", at)
    assert "home_entry" in held(f"{ROOT}/link/", at)
    assert "home_entry" in held(Value((f"{ROOT}/link/", STAR)), at)


def test_links_that_this_command_makes() -> None:
    note = Value(("x",), frozenset({"link:/home/dev/Documents"}))
    where = invocation(created=frozenset({f"{ROOT}/d"}), written={f"{ROOT}/d": note})
    assert "fresh" in held(f"{ROOT}/d", where=where)
    assert "home_entry" in held(f"{ROOT}/d/", where=where)
    assert "home_entry" in held(Value((f"{ROOT}/d/", STAR)), where=where)


def test_made_by_this_command() -> None:
    where = invocation(created=frozenset({f"{ROOT}/out"}))
    assert "fresh" in held(f"{ROOT}/out/x", where=where)
    assert "fresh" not in held(f"{ROOT}/output", where=where)


def test_everything_in_a_directory() -> None:
    assert {"root"} <= held(Value(("/", STAR)))
    assert {"home"} <= held(Value(("/home/dev/", STAR)))
    assert {"home"} <= held(Value(("/home/dev/.", STAR)))
    assert {"cwd_all"} <= held(Value((f"{ROOT}/", STAR)))
    assert {"git_dir"} <= held(Value((f"{ROOT}/.", STAR)))
    assert {"temporary"} <= held(Value(("/tmp/", STAR)))
    assert "cwd_all" not in held(Value((f"{ROOT}/src/", STAR)), where=invocation(f"{ROOT}/src"))


def test_patterns() -> None:
    assert {"restorable"} <= held(Value((f"{ROOT}/", STAR, ".txt")))
    assert {"missing"} <= held(Value((f"{ROOT}/", STAR, ".none")))
    assert "system" in held(Value(("/", Pattern("[b]"), "in")))
    assert "home_entry" in held(Value(("/home/dev/Doc", STAR)))
    mixed = world({"b.txt": "untracked"})
    assert "untracked" in held(Value((f"{ROOT}/", STAR, ".txt")), mixed)
    assert "restorable" not in held(Value((f"{ROOT}/", STAR, ".txt")), mixed)


def test_unknown_pieces_are_bounded_by_their_beginning() -> None:
    assert {"temporary", "unknown"} <= held(Value(("/tmp/x-", ANY)))
    assert "rebuildable" in held(Value((f"{ROOT}/node_modules/", SAFE)))
    assert "home_entry" in held(Value(("/home/dev/", SAFE)))
    assert "home" not in possible(Value(("/home/dev/", SAFE)))
    assert "home" in possible(Value(("/home/dev/", ANY)))
    assert "home" in held(Value(("/home/dev/", ALL_SAFE)))
    assert "cwd_all" in held(Value((ALL_SAFE,)))


def test_words_of_which_nothing_is_known() -> None:
    for tail in ((), ("/",), ("/", STAR)):
        assert {"root", "home"} <= possible(Value((ANY, *tail)))
    assert not {"root", "home"} & possible(Value((ANY, "/src")))
    assert "rebuildable" in held(Value((ANY, "/node_modules")))
    assert "git_dir" in held(Value((ANY, "/.git")))


def test_other_machines_are_judged_by_name_alone() -> None:
    where = invocation(place="container web")
    assert "home" in held("/home/dev", where=where)
    assert "temporary" in held("/tmp/x", where=where)
    assert "rebuildable" in held("/app/node_modules", where=where)
    assert held(f"{ROOT}/a.txt", where=where) >= {"outside"}
    assert "restorable" not in held(f"{ROOT}/a.txt", where=where)


def test_without_a_repository_everything_is_precious() -> None:
    at = world(git=None)
    assert "untracked" in held(f"{ROOT}/a.txt", at)
    assert "rebuildable" in held(f"{ROOT}/node_modules", at)


def test_another_clone_in_the_project_is_not_restorable() -> None:
    class TwoClones(FakeWorld):
        def project(self) -> str:
            return ROOT

    at = TwoClones(files={f"{ROOT}/lib/x": "x"}, git=FakeRepository(root=f"{ROOT}/lib"))
    assert {"untracked", "inside"} <= held(f"{ROOT}/lib", at)
    assert "restorable" in held(f"{ROOT}/lib/x", at)


def test_protected_paths() -> None:
    rule = Protection(("/home/dev/work/app/infra", f"{ROOT}/*.lock"), frozenset({"delete", "write"}), "ours")
    at = world(settings=Settings(protections=(rule,)))
    assert {"protected", "protected_delete", "protected_write"} <= held(f"{ROOT}/infra/main.tf", at)
    assert "protected" in held(f"{ROOT}/poetry.lock", at)
    assert "protected" not in held(f"{ROOT}/a.txt", at)


def test_tmpdir_is_believed_only_where_scratch_files_can_be() -> None:
    at = world(env={"TMPDIR": "/home/dev"})
    assert "temporary" not in held("/home/dev/x", at)
    at = world(env={"TMPDIR": "/var/folders/ab/T"})
    assert "temporary" in held("/var/folders/ab/T/x", at)
