"""Loading: built-in and user packs, the compiled form, and its damage."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from agentguard.rulebook.load import RulebookError, _File, load
from tests.rulebook.made_world import called, pack, rule

CALL = '[rule.call]\nprogram = "x"\nany = "-f"'


@pytest.fixture
def builtin(tmp_path: Path) -> Path:
    directory = tmp_path / "builtin"
    directory.mkdir()
    (directory / "t.toml").write_text(
        pack('[[program]]\nnames = ["x", "xx"]\nsame = ["-f --force"]\nabbreviate = true', rule(CALL))
    )
    return directory


@pytest.fixture
def user(tmp_path: Path) -> Path:
    directory = tmp_path / "user"
    directory.mkdir()
    return directory


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    return tmp_path / "cache"


def test_rules_and_tables(builtin: Path) -> None:
    rulebook = load(str(builtin))
    assert [rule.id for rule in rulebook.rules] == ["t.r"]
    assert [example.command for example in rulebook.rules[0].stop] == ["x", "y"]
    table = rulebook.table("xx")
    assert table is not None and table.names == ("x", "xx")
    assert rulebook.table("y") is None
    assert called(rulebook, "xx", "--for")[0].rule == "t.r"
    assert called(rulebook, "x", "-g") == []


def test_programs_that_share_a_description(builtin: Path) -> None:
    (builtin / "t.toml").write_text(
        pack('[[program]]\nnames = ["x", "y"]\neach = true\nvalue = "-f"', rule('[rule.call]\nprogram = "x"'))
    )
    rulebook = load(str(builtin))
    for name in ("x", "y"):
        table = rulebook.table(name)
        assert table is not None and table.names == (name,) and table.takes_value("-f")
    assert called(rulebook, "x") and not called(rulebook, "y")


def test_a_broken_builtin_pack_is_an_error(builtin: Path) -> None:
    (builtin / "u.toml").write_text("[pack]\nid = 1")
    with pytest.raises(RulebookError, match=r"u\.toml:1: .*id: a text is needed"):
        load(str(builtin))


def test_a_broken_user_pack_is_left_out_and_reported(builtin: Path, user: Path) -> None:
    (user / "broken.toml").write_text(pack(rule(CALL, "b.one"), rule("", "b.two"), name="b"))
    (user / "good.toml").write_text(pack(rule(CALL.replace("-f", "-g"), "g.r"), name="g"))
    rulebook = load(str(builtin), [str(user), str(user / "missing")])
    assert [rule.id for rule in rulebook.rules] == ["t.r", "g.r"]
    (problem,) = rulebook.problems
    assert problem.file.endswith("broken.toml") and problem.line and "exactly one matcher" in problem.reason


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (pack(rule(CALL)), "has it already"),
        (pack('[[program]]\nnames = ["x"]\nvalue = "--force"', name="u"), "described in another way"),
        (pack('[[program]]\nnames = ["xx"]\nvalue = "-f"', name="u"), "described in another way"),
        (
            pack(
                '[[program]]\nnames = ["xc"]\nstands_for = ["x", "c"]',
                rule('[rule.call]\nprogram = "xc"', "u.r"),
                name="u",
            ),
            "stands for x c",
        ),
        (pack(rule('[rule.http]\nhost = "@nowhere"', "u.r"), name="u"), "no [[endpoint]] nowhere"),
        (pack(rule('[rule.call]\nprogram = "x"\nvalues = { "--force" = "1" }', "u.r"), name="u"), "no value option"),
    ],
)
def test_a_user_pack_cannot_change_builtin_rules(builtin: Path, user: Path, text: str, reason: str) -> None:
    (user / "u.toml").write_text(text)
    rulebook = load(str(builtin), [str(user)])
    assert [rule.id for rule in rulebook.rules] == ["t.r"]
    assert reason in rulebook.problems[0].reason
    assert called(rulebook, "x", "-f", "y")[0].rule == "t.r"


def test_a_user_pack_may_add_to_a_program(builtin: Path, user: Path) -> None:
    (user / "u.toml").write_text(pack('[[program]]\nnames = ["x"]\nvalue = "--where"', name="u"))
    rulebook = load(str(builtin), [str(user)])
    assert rulebook.problems == ()
    assert called(rulebook, "x", "--where", "--force") == []


def test_the_compiled_form_says_the_same(builtin: Path, user: Path, cache: Path) -> None:
    (user / "broken.toml").write_text("x = ")
    first = load(str(builtin), [str(user)], str(cache))
    second = load(str(builtin), [str(user)], str(cache))
    assert isinstance(second._entries, _File)
    assert second.rules == first.rules
    assert second.problems == first.problems
    assert second.table("xx") == first.table("xx")
    assert called(second, "x", "-f")[0].title == called(first, "x", "-f")[0].title
    assert (next(cache.iterdir()).stat().st_mode & 0o777) == 0o600


def test_a_changed_pack_is_read_anew(builtin: Path, cache: Path) -> None:
    load(str(builtin), cache=str(cache))
    (builtin / "t.toml").write_text(pack(rule(CALL, "t.changed")))
    assert [rule.id for rule in load(str(builtin), cache=str(cache)).rules] == ["t.changed"]


def test_a_damaged_compiled_form_is_ignored(builtin: Path, cache: Path) -> None:
    load(str(builtin), cache=str(cache))
    (file,) = cache.iterdir()
    whole = file.read_bytes()
    for damaged in (b"", whole[:10], whole[: len(whole) // 2], b"x" + whole[1:]):
        file.write_bytes(damaged)
        rulebook = load(str(builtin), cache=str(cache))
        assert [rule.id for rule in rulebook.rules] == ["t.r"]


def test_damage_that_shows_late_is_survived(builtin: Path, cache: Path) -> None:
    load(str(builtin), cache=str(cache))
    (file,) = cache.iterdir()
    whole = bytearray(file.read_bytes())
    for place in range(len(whole) - 400, len(whole)):
        whole[place] ^= 0xFF
    file.write_bytes(bytes(whole))
    rulebook = load(str(builtin), cache=str(cache))
    assert [rule.id for rule in rulebook.rules] == ["t.r"]
    assert called(rulebook, "x", "-f")[0].rule == "t.r"
    assert called(load(str(builtin), cache=str(cache)), "x", "-f")[0].rule == "t.r"


def test_a_compiled_form_that_others_can_write_is_ignored(builtin: Path, cache: Path) -> None:
    load(str(builtin), cache=str(cache))
    (file,) = cache.iterdir()
    file.chmod(0o666)
    assert not isinstance(load(str(builtin), cache=str(cache))._entries, _File)
    assert isinstance(load(str(builtin), cache=str(cache))._entries, _File)


def test_no_place_for_the_compiled_form(builtin: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert len(load(str(builtin), cache=str(tmp_path / "file" / "x")).rules) == 1


def test_old_compiled_forms_are_swept(builtin: Path, cache: Path) -> None:
    for number in range(6):
        (builtin / "t.toml").write_text(pack(rule(CALL, f"t.r{number}")))
        os.utime(builtin / "t.toml", ns=(number, number))
        load(str(builtin), cache=str(cache))
    assert len(list(cache.iterdir())) == 3


def test_only_what_matches_is_decoded(builtin: Path, cache: Path) -> None:
    more = [rule(f'[rule.call]\nprogram = "p{n}"', f"m.r{n}") for n in range(300)]
    (builtin / "m.toml").write_text(pack(*more, name="m"))
    load(str(builtin), cache=str(cache))
    rulebook = load(str(builtin), cache=str(cache))
    assert called(rulebook, "p7")[0].rule == "m.r7"
    assert isinstance(rulebook._entries, _File)
    assert len(rulebook._rules) == 1
    assert len(rulebook._entries._store._buckets) < 12
