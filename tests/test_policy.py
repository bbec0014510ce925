import os
from datetime import date
from pathlib import Path
from types import SimpleNamespace

import pytest

from agentguard import policy
from agentguard.config import Allowance, ConfigError, Mode, Trust
from agentguard.config_files import parse, read

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
        str(tmp_path / "app" / "src"), managed=str(tmp_path / "none" / "x.toml"), user=str(own), today=today
    )


def test_without_files_the_defaults_hold(tmp_path):
    absent = str(tmp_path / "absent" / "x.toml")
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
    ("text", "line", "why"),
    [
        ('[[allow]]\nrule = "*"\nreason = "because"', 1, "[[allow]] is only for the user's own file"),
        ('shell = "/tmp/sh"', 1, "shell is only for"),
        ('\ninteractive = "always"', 2, "interactive is only for"),
        ("[confirm]\nwait = 0", 1, "[confirm] is only for"),
        ("[audit]\nkeep = 1", 1, "[audit] is only for"),
        ('[environments.staging]\nhosts = ["*"]', 1, "[environments.staging] is only for"),
        ('mode = "observe"', 1, 'mode = "observe" is looser than standard'),
    ],
)
def test_what_would_loosen_in_a_project_file_is_left_out_and_named(text, line, why):
    tightening = '\n[[protect]]\npaths = ["data"]\n[environments.production]\nhosts = ["box"]'
    found = policy.combine([], [project(text + tightening)])
    (warning,) = found.warnings
    assert warning.startswith(f"/home/dev/app/.agentguard.toml:{line}: left out: ") and why in warning
    assert found.settings.protections[0].paths == ("/home/dev/app/data",)
    assert found.settings.environments == {"production": {"hosts": ("box",)}}
    default = policy.Policy()
    assert (found.mode, found.shell, found.interactive, found.wait) == (
        default.mode, default.shell, default.interactive, default.wait
    )  # fmt: skip
    assert found.allowances == ()


def test_a_project_file_with_a_mistake_in_what_it_may_say_is_an_error():
    for text in ('modes = "strict"', '[[protects]]\npaths = ["x"]', "[[protect]]\nstops = []\npaths = ['x']", "["):
        with pytest.raises(ConfigError, match=r"^/home/dev/app/\.agentguard\.toml"):
            project(text)


def test_a_project_cannot_widen_an_allowance_by_what_it_calls_production():
    own = layer('[[allow]]\nrule = "*"\nreason = "r"\nscope = { environment = "production" }')
    assert policy.combine([own], []).allowances
    assert not policy.combine([own], [project('[environments.production]\nhosts = ["*"]')]).allowances


def test_the_managed_file_wins_key_by_key():
    managed = layer("[confirm]\nwait = 3", Trust.MANAGED, "/etc/agentguard/config.toml")
    own = layer('interactive = "never"\n[confirm]\nwait = 9\nexpires = 2\nnotify = false\n[audit]\nsize = 1\nkeep = 2')
    found = policy.combine([managed, own], [])
    assert (found.wait, found.expires, found.notify, found.interactive) == (3, 2, False, "never")
    assert (found.audit_size, found.audit_keep) == (1, 2)


def test_a_link_does_not_lead_around_a_project_file(tmp_path):
    (tmp_path / "app" / "src").mkdir(parents=True)
    (tmp_path / "app" / ".agentguard.toml").write_text('mode = "strict"')
    (tmp_path / "way").symlink_to(tmp_path / "app" / "src")
    absent = str(tmp_path / "absent" / "x.toml")
    assert policy.load(str(tmp_path / "way"), managed=absent, user=absent).mode is Mode.STRICT


def test_what_a_linked_user_file_leads_to_is_protected(tmp_path):
    real = tmp_path / "settings" / "guard.toml"
    real.parent.mkdir()
    real.write_text("")
    own = tmp_path / "config.toml"
    own.symlink_to(real)
    (protection,) = policy.load("/", managed=str(tmp_path / "none" / "x"), user=str(own)).settings.protections
    assert protection.paths == (str(real),)
    assert {"write", "delete"} <= protection.stops


def test_every_project_file_above_takes_part(tmp_path):
    (tmp_path / "app" / "src").mkdir(parents=True)
    (tmp_path / ".agentguard.toml").write_text('mode = "strict"')
    (tmp_path / "app" / ".agentguard.toml").write_text('[[protect]]\npaths = ["x"]')
    absent = str(tmp_path / "absent" / "x.toml")
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
        ("mode = 'strict'\n[confirm]\nwait = 'long'", 3, "a whole number from 0 to 3600"),
        ("confirm.wait = true", 1, "a whole number"),
        ("confirm = { wait = 4000 }", 1, "a whole number"),
        ("[confirm]\nexpires = 0", 2, "minutes"),
        ("[confirm]\nnotify = 1", 2, "true or false"),
        ("[confirm]\nask = 1", 2, "unknown key 'ask'"),
        ("interactive = 'agent'", 1, "human, always, never"),
        ("[audit]\nsize = 0", 2, "MiB"),
        ("[[allow]]\nrule = 'x'\nreason = 'x'\nscope = { target = '' }", 4, "empty"),
        ("[[protect]]\npaths = ['']", 2, "empty"),
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


@pytest.fixture
def owned(tmp_path, monkeypatch):
    """A managed file that seems to belong to root, with all directories above; a function that changes one status."""
    file = tmp_path / "agentguard" / "config.toml"
    file.parent.mkdir()
    changed: dict[str, tuple[int, int]] = {}
    real = os.stat

    def fake_stat(path, *arguments, **more):
        status = real(path, *arguments, **more)
        bits, owner = changed.get(path, (0o755, 0)) if isinstance(path, str) else (status.st_mode & 0o777, 0)
        return os.stat_result((status.st_mode & ~0o7777 | bits, *status[1:4], owner, *status[5:]))

    def fake_fstat(descriptor):
        status = real(descriptor)
        bits, owner = changed.get(str(file), (0o644, 0))
        return os.stat_result((status.st_mode & ~0o777 | bits, *status[1:4], owner, *status[5:]))

    faked = SimpleNamespace(**{**vars(os), "stat": fake_stat, "fstat": fake_fstat})
    monkeypatch.setattr("agentguard.config_files.os", faked)
    return file, changed


def test_a_managed_file_that_others_can_write_is_an_error(owned):
    file, changed = owned
    file.write_text("mode = 'strict'")
    found = read(str(file), Trust.MANAGED, HOME)
    assert found is not None and found.values["mode"] is Mode.STRICT
    for place, status in (
        (file, (0o664, 0)),
        (file, (0o646, 0)),
        (file, (0o644, 1000)),
        (file.parent, (0o777, 0)),
        (file.parent, (0o775, 0)),
        (file.parent, (0o755, 1000)),
        (file.parent.parent, (0o777, 0)),
    ):
        changed.clear()
        changed[str(place)] = status
        with pytest.raises(ConfigError, match="root alone"):
            read(str(file), Trust.MANAGED, HOME)


def test_a_managed_directory_that_others_can_write_is_an_error_even_when_empty(owned):
    file, changed = owned
    assert read(str(file), Trust.MANAGED, HOME) is None
    changed[str(file.parent)] = (0o777, 0)
    with pytest.raises(ConfigError, match="root alone"):
        read(str(file), Trust.MANAGED, HOME)


def test_a_managed_file_reached_through_a_writable_place_is_an_error(owned, tmp_path):
    file, changed = owned
    (tmp_path / "loose").mkdir()
    (tmp_path / "loose" / "real.toml").write_text("")
    file.symlink_to(tmp_path / "loose" / "real.toml")
    assert read(str(file), Trust.MANAGED, HOME) is not None
    changed[str(tmp_path / "loose")] = (0o777, 0)
    with pytest.raises(ConfigError, match="root alone"):
        read(str(file), Trust.MANAGED, HOME)


def test_a_user_file_that_anyone_can_write_is_an_error(tmp_path):
    file = tmp_path / "config.toml"
    file.write_text("")
    file.chmod(0o666)
    with pytest.raises(ConfigError, match="other users can write"):
        read(str(file), Trust.USER, HOME)
    file.chmod(0o600)
    tmp_path.chmod(0o777)
    with pytest.raises(ConfigError, match="other users can write"):
        read(str(file), Trust.USER, HOME)
    tmp_path.chmod(0o700)
    assert read(str(file), Trust.USER, HOME) is not None


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
