"""``agentguard config`` as a process, with a home directory of its own."""

import json
import tomllib

import pytest
from confirm.person import Terminal, words
from confirm.person import environment as person_environment
from other_home import own_config, run

from agentguard.config import Trust
from agentguard.config_files import parse
from agentguard.config_keys import KEYS, TOP
from agentguard.policy import Policy


@pytest.fixture
def home(tmp_path):
    (tmp_path / "app").mkdir()
    return tmp_path


def at_a_terminal(home, *arguments: str, env=None, maker: bool = False) -> tuple[int, str]:
    """Run the program at a person's terminal; status and what it wrote. ``maker``: a program made that terminal."""
    (home / ".config" / "agentguard").mkdir(parents=True, exist_ok=True)
    terminal = Terminal(words(home, *arguments, maker=maker), env=person_environment(**(env or {})), columns=400)
    return terminal.end(), terminal.seen


def values(home) -> dict[str, dict]:
    done = run(home, "config", "show", "--json", cwd=home / "app")
    assert (done.returncode, done.stderr) == (0, "")
    return {row["key"]: row for row in json.loads(done.stdout)["values"]}


def test_without_files_every_value_is_a_default(home):
    found = values(home)
    assert {row["layer"] for row in found.values()} == {"default"}
    held = Policy()  # what judges must be what is shown
    assert {name: found[name]["value"] for name in KEYS} == {
        "mode": held.mode.name.lower(), "shell": held.shell, "interactive": held.interactive,
        "confirm.wait": held.wait, "confirm.expires": held.expires, "confirm.notify": held.notify,
        "audit.size": held.audit_size, "audit.keep": held.audit_keep,
    }  # fmt: skip
    assert (found["mode"]["value"], found["interactive"]["value"]) == ("standard", "human")
    assert (found["confirm.wait"]["value"], found["confirm.expires"]["value"]) == (20, 10)
    assert "main" in found["environments.production.branches"]["value"]


def test_every_value_names_the_file_and_line_that_says_it(home):
    own = own_config(home)
    own.write_text('# mine\nshell = "/bin/sh"\n[confirm]\nwait = 3\n[[allow]]\nrule = "git.*"\nreason = "mine"\n')
    project = home / "app" / ".agentguard.toml"
    project.write_text('mode = "strict"\n\n[[protect]]\npaths = ["data"]\n')
    found = values(home)
    assert [found["shell"][name] for name in ("value", "layer", "file", "line")] == ["/bin/sh", "user", str(own), 2]
    assert (found["confirm.wait"]["value"], found["confirm.wait"]["line"]) == (3, 4)
    assert (found["mode"]["value"], found["mode"]["layer"], found["mode"]["line"]) == ("strict", "project", 1)
    assert found["protect.1"]["value"]["paths"] == [str(home / "app" / "data")]
    assert (found["protect.1"]["file"], found["protect.1"]["line"]) == (str(project), 3)
    assert found["allow.1"]["value"] == {"rule": "git.*", "reason": "mine"}
    table = run(home, "config", "show", cwd=home / "app")
    assert f"project {project}:1" in table.stdout and table.stderr == ""


def test_what_is_left_out_is_shown(home):
    (home / "app" / ".agentguard.toml").write_text('\nmode = "observe"\n[[allow]]\nrule = "*"\nreason = "x"\n')
    done = run(home, "config", "show", cwd=home / "app")
    assert ".agentguard.toml:2: left out: mode" in done.stderr
    assert ".agentguard.toml:3: left out: [[allow]]" in done.stderr
    checked = run(home, "config", "check", cwd=home / "app")
    assert checked.returncode == 1 and checked.stdout.count("left out") == 2


def test_an_allowance_that_ended_is_told(home):
    own_config(home).write_text('[[allow]]\nrule = "git.*"\nreason = "x"\nexpires = 2020-01-31\n')
    done = run(home, "config", "show", cwd=home / "app")
    assert "config.toml:1: [[allow]] git.* does not hold: it ended" in done.stderr
    assert "allow.1" not in done.stdout


@pytest.mark.parametrize(
    ("text", "status", "told"),
    [
        ('mode = "strict"\n', 0, "fine"),
        ('\nmode = "lax"\n', 1, ":2: mode must be one of"),
        ("[confirm]\nwait = -1\n", 1, ":2: wait must be"),
        ("mode = \n", 1, "line 1"),
        ('[environments.staging]\nhosts = []\n[environments."a.b"]\nhosts = 3\n', 1, ":4: hosts must be"),
        ('[ environments . staging ]\nhosts = []\nbranches = 3\n', 1, ":3: branches must be"),
        ("[scan]\nignore = 3\n", 1, ":2: ignore is written as [[scan.ignore]]"),
    ],
)
def test_check_names_the_line(home, text, status, told):
    file = home / "app" / "some.toml"
    file.write_text(text)
    done = run(home, "config", "check", "some.toml", cwd=home / "app")
    assert (done.returncode, done.stderr) == (status, "")
    assert done.stdout.startswith(str(file)) and told in done.stdout


def test_check_without_a_file_looks_at_all_of_them(home):
    assert run(home, "config", "check", cwd=home / "app").stdout == "no configuration file; the defaults hold\n"
    own_config(home).write_text("colour = 1\n")
    (home / "app" / ".agentguard.toml").write_text("mode = 'strict'\n")
    done = run(home, "config", "check", cwd=home / "app")
    assert done.returncode == 1
    assert "config.toml:1: unknown key 'colour'" in done.stdout
    assert f"{home}/app/.agentguard.toml: fine" in done.stdout
    missing = run(home, "config", "check", "nothing.toml", cwd=home / "app")
    assert missing.returncode == 1 and "no such file" in missing.stdout


def test_the_example_is_valid_and_says_everything(home):
    text = run(home, "config", "example", cwd=home).stdout
    layer = parse("/example.toml", text.encode(), Trust.USER, str(home))
    assert layer.environments and layer.protections and layer.allowances and not layer.warnings
    assert set(layer.values) == set(KEYS)
    assert set(tomllib.loads(text)) == set(TOP)
    for name, key in KEYS.items():
        assert parse("/x", text.encode(), Trust.USER, "/").values[name] in (key.default, 1), name
    (home / "app" / "example.toml").write_text(text)
    assert run(home, "config", "check", "example.toml", cwd=home / "app").returncode == 0


KEPT = """\
# my settings

mode = "standard"   # for now
shell = '/bin/bash'

[confirm]  # asking
# not too long
wait = 5 # seconds

[[allow]]
rule = "git.*"  # all of it
reason = "mine"
"""


@pytest.mark.parametrize(
    ("key", "value", "before", "after"),
    [
        ("mode", "strict", 'mode = "standard"   # for now', 'mode = "strict"   # for now'),
        ("shell", "/bin/sh", "shell = '/bin/bash'", 'shell = "/bin/sh"'),
        ("confirm.wait", "60", "wait = 5 # seconds", "wait = 60 # seconds"),
        ("interactive", "never", "shell = '/bin/bash'\n", "shell = '/bin/bash'\ninteractive = \"never\"\n"),
        ("confirm.notify", "false", "wait = 5 # seconds\n", "wait = 5 # seconds\nnotify = false\n"),
        ("audit.keep", "3", 'reason = "mine"\n', 'reason = "mine"\n\n[audit]\nkeep = 3\n'),
    ],
)
def test_set_changes_one_line_and_keeps_the_rest(home, key, value, before, after):
    own = own_config(home)
    own.write_text(KEPT)
    own.chmod(0o640)
    status, said = at_a_terminal(home, "config", "set", key, value)
    assert status == 0, said
    assert own.read_text() == KEPT.replace(before, after)
    assert own.stat().st_mode & 0o777 == 0o640
    assert [path.name for path in own.parent.iterdir()] == ["config.toml"]


def test_set_makes_a_file_that_only_its_owner_reads(home):
    status, said = at_a_terminal(home, "config", "set", "confirm.wait", "7")
    own = home / ".config" / "agentguard" / "config.toml"
    assert status == 0, said
    assert own.read_text() == "[confirm]\nwait = 7\n"
    assert own.stat().st_mode & 0o777 == 0o600
    assert values(home)["confirm.wait"]["value"] == 7


@pytest.mark.parametrize(
    ("text", "key", "value", "told"),
    [
        ("", "colour", "red", "cannot be set"),
        ("", "mode", "lax", "one of observe"),
        ("", "confirm.wait", "long", "whole number"),
        ("", "confirm.notify", "maybe", "true or false"),
        ("", "shell", "bash", "absolute path"),
        ("confirm = { wait = 3 }\n", "confirm.wait", "4", "please edit the file"),
        ('mode = """\nstandard"""\n', "mode", "strict", "please edit the file"),
        ("mode = \n", "mode", "strict", "line 1"),
    ],
)
def test_set_refuses_what_it_cannot_do_well(home, text, key, value, told):
    own = own_config(home)
    own.write_text(text)
    status, said = at_a_terminal(home, "config", "set", key, value)
    assert status == 125
    assert told in " ".join(said.split()) and "nothing was changed" in " ".join(said.split())
    assert own.read_text() == text


@pytest.mark.parametrize("marker", ["CLAUDECODE", "CODEX_CI", "AI_AGENT"])
def test_set_refuses_under_a_harness(home, marker):
    status, said = at_a_terminal(home, "config", "set", "mode", "observe", env={marker: "1"})
    assert status == 125 and "nothing was changed" in said
    assert not (home / ".config" / "agentguard" / "config.toml").exists()


def test_set_refuses_at_a_terminal_that_a_program_made(home):
    status, said = at_a_terminal(home, "config", "set", "mode", "observe", maker=True)
    assert status == 125 and "nothing was changed" in said
    assert not (home / ".config" / "agentguard" / "config.toml").exists()


def test_set_refuses_without_a_terminal(home):
    done = run(home, "config", "set", "mode", "observe", cwd=home / "app")
    assert done.returncode == 125 and "nothing was changed" in done.stderr
    assert not (home / ".config").exists()


@pytest.mark.parametrize(
    ("words", "status"),
    [
        ("config show", 0),
        ("config show --json", 0),
        ("config check", 0),
        ("config check .agentguard.toml", 0),
        ("config path", 0),
        ("config example", 0),
        ("config set mode observe", 2),
        ("config set confirm.wait 0", 2),
    ],
)
def test_an_agent_may_look_but_not_change(home, words, status):
    assert run(home, "check", "--", f"agentguard {words}", cwd=home / "app").returncode == status
