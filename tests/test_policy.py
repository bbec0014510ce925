import os
from datetime import date
from pathlib import Path

import pytest

from agentguard import policy
from agentguard.config import Allowance, ConfigError, Mode, Trust, parse, read

HOME = "/home/dev"


def layer(text: str, trust: Trust = Trust.USER, path: str = "/home/dev/.config/agentguard/config.toml"):
    return parse(path, text.encode(), trust, HOME)


def project(text: str):
    return layer(text, Trust.PROJECT, "/home/dev/app/.agentguard.toml")


def loaded(tmp_path: Path, *, user: str = "", here: str = "", today: date | None = None) -> policy.Policy:
    (tmp_path / "app" / "src").mkdir(parents=True)
    own = tmp_path / "config.toml"
    own.write_text(user)
    (tmp_path / "app" / ".agentguard.toml").write_text(here)
    return policy.load(
        str(tmp_path / "app" / "src"), managed=str(tmp_path / "none.toml"), user=str(own), today=today
    )


def test_without_files_the_defaults_hold(tmp_path):
    absent = str(tmp_path / "absent.toml")
    found = policy.load(str(tmp_path), managed=absent, user=absent)
    assert found == policy.Policy()
    assert (found.mode, found.shell) == (Mode.STANDARD, "/bin/bash")


def test_every_section_is_read(tmp_path):
    found = loaded(
        tmp_path,
        user="""
mode = "strict"
shell = "/usr/local/bin/bash"
[confirm]
wait = 5
[environments.production]
hosts = ["*.example.com"]
branches = ["live"]
[[protect]]
paths = ["~/notes", "/srv/data/**"]
stops = ["write", "delete"]
reason = "the only copy"
[[allow]]
rule = "git.push-force"
reason = "my own fork"
scope = { directory = "~/fork", target = "origin/*" }
""",
    )
    home = policy.user_home()
    assert (found.mode, found.shell, found.wait) == (Mode.STRICT, "/usr/local/bin/bash", 5)
    assert found.settings.environments["production"]["hosts"] == ("*.example.com",)
    assert "live" in found.settings.protected_branches and "main" in found.settings.protected_branches
    (protection,) = found.settings.protections
    assert protection.paths == (f"{home}/notes", "/srv/data/**")
    assert (protection.stops, protection.reason) == (frozenset({"write", "delete"}), "the only copy")
    allowance = Allowance("git.push-force", "my own fork", directory=f"{home}/fork", target="origin/*")
    assert found.allowances == (allowance,)
    assert len(found.files) == 2


def test_the_managed_file_wins_over_the_users():
    managed = layer('mode = "standard"\nshell = "/bin/managed"', Trust.MANAGED)
    own = layer('mode = "observe"\nshell = "/bin/own"')
    found = policy.combine([managed, own], [])
    assert (found.mode, found.shell) == (Mode.STANDARD, "/bin/managed")


def test_a_project_only_tightens():
    strict, observe = project('mode = "strict"'), project('mode = "observe"')
    assert policy.combine([layer('mode = "observe"')], [strict]).mode is Mode.STRICT
    assert policy.combine([], [observe]).mode is Mode.STANDARD
    assert policy.combine([layer('mode = "strict"')], [observe]).mode is Mode.STRICT
    added = policy.combine([], [project('[[protect]]\npaths = ["data"]\nstops = ["delete"]')])
    assert added.settings.protections[0].paths == ("/home/dev/app/data",)


@pytest.mark.parametrize(
    "text",
    [
        '[[allow]]\nrule = "*"\nreason = "because"',
        'shell = "/tmp/sh"',
        "[confirm]\nwait = 0",
        '[environments.staging]\nhosts = ["*"]',
    ],
)
def test_a_project_file_that_would_loosen_is_an_error(text):
    with pytest.raises(ConfigError, match=r"^/home/dev/app/\.agentguard\.toml:1: "):
        project(text)


def test_every_project_file_above_takes_part(tmp_path):
    (tmp_path / "app" / "src").mkdir(parents=True)
    (tmp_path / ".agentguard.toml").write_text('mode = "strict"')
    (tmp_path / "app" / ".agentguard.toml").write_text('[[protect]]\npaths = ["x"]')
    absent = str(tmp_path / "absent.toml")
    found = policy.load(str(tmp_path / "app" / "src"), managed=absent, user=absent)
    assert found.mode is Mode.STRICT
    assert found.settings.protections[0].paths == (str(tmp_path / "app" / "x"),)


def test_the_environment_does_not_say_where_the_policy_lies(monkeypatch, tmp_path):
    before = policy.user_config()
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    assert policy.user_config() == before


def test_an_allowance_ends_after_its_last_day(tmp_path):
    own = layer('[[allow]]\nrule = "git.*"\nreason = "migration"\nexpires = 2027-01-31')
    assert policy.combine([own], [], date(2027, 1, 31)).allowances
    assert not policy.combine([own], [], date(2027, 2, 1)).allowances


@pytest.mark.parametrize(
    ("text", "line", "why"),
    [
        ("mode = 'standard'\nshell = \n", 2, "Invalid value"),
        ("\nmode = 'lax'", 2, "observe, standard, strict"),
        ("colour = 'red'", 1, "unknown key 'colour'"),
        ("shell = 'bash'", 1, "absolute"),
        ("mode = 'strict'\n[confirm]\nwait = 'long'", 3, "whole seconds"),
        ("[environments.production]\nhosts = 'x'", 2, "list of strings"),
        ("[environments.production]\nservers = ['x']", 2, "unknown key 'servers'"),
        ("[[protect]]\nstops = ['write']", 1, "needs paths"),
        ("[[protect]]\npaths = ['/a']\n[[protect]]\npaths = ['/b']\nstops = ['look']", 5, "look"),
        ("[[protect]]\npaths = ['notes']", 2, "absolute"),
        ("[[allow]]\nrule = 'git.*'", 1, "reason"),
        ("[[allow]]\nrule = 'git.*'\nreason = 'x'\nexpires = 'soon'", 4, "a date"),
        ("[[allow]]\nrule = 'git.*'\nreason = 'x'\nscope = { host = 'x' }", 4, "unknown key 'host'"),
        ("[allow]\nrule = 'git.*'", 1, "[[allow]]"),
        ("environments = 3", 1, "must be a table"),
    ],
)
def test_a_mistake_is_named_with_its_line(text, line, why):
    with pytest.raises(ConfigError) as caught:
        layer(text)
    message = str(caught.value)
    assert why in message
    assert f":{line}: " in message or f"line {line}," in message


def test_bytes_that_are_not_text_are_an_error():
    with pytest.raises(ConfigError, match="not UTF-8 at byte 0"):
        parse("/x.toml", b"\xff", Trust.USER, HOME)


def test_a_managed_file_that_others_can_write_is_an_error(tmp_path, monkeypatch):
    file = tmp_path / "config.toml"
    file.write_text("mode = 'strict'")
    status = os.stat(file)
    owned = os.stat_result((0o100644, *status[1:4], 0, *status[5:]))
    folder = os.stat_result((0o040755, *status[1:4], 0, *status[5:]))
    monkeypatch.setattr(os, "fstat", lambda descriptor: owned)
    monkeypatch.setattr(os, "stat", lambda path: folder)
    found = read(str(file), Trust.MANAGED, HOME)
    assert found is not None and found.mode is Mode.STRICT

    for bad_file, bad_folder in (
        (os.stat_result((0o100664, *owned[1:])), folder),
        (os.stat_result((0o100644, *owned[1:4], 1000, *owned[5:])), folder),
        (owned, os.stat_result((0o040777, *folder[1:]))),
    ):
        monkeypatch.setattr(os, "fstat", lambda descriptor, status=bad_file: status)
        monkeypatch.setattr(os, "stat", lambda path, status=bad_folder: status)
        with pytest.raises(ConfigError, match="root alone"):
            read(str(file), Trust.MANAGED, HOME)


def test_a_user_file_that_anyone_can_write_is_an_error(tmp_path):
    file = tmp_path / "config.toml"
    file.write_text("")
    file.chmod(0o666)
    with pytest.raises(ConfigError, match="other users can write"):
        read(str(file), Trust.USER, HOME)


def test_a_fifo_in_place_of_a_file_is_an_error_and_not_a_hang(tmp_path):
    fifo = tmp_path / ".agentguard.toml"
    os.mkfifo(fifo)
    with pytest.raises(ConfigError, match="not a regular file"):
        read(str(fifo), Trust.PROJECT, HOME)


def test_a_file_beyond_the_limit_is_an_error(tmp_path):
    file = tmp_path / "config.toml"
    file.write_bytes(b"#" * 262_145)
    with pytest.raises(ConfigError, match="longer than"):
        read(str(file), Trust.USER, HOME)
