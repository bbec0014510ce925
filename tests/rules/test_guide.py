"""The guide is true: its packs hold, and its transcripts are what comes out. ``python tests/rules/test_guide.py``
writes the transcripts."""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from pathlib import Path

if __name__ == "__main__":
    sys.path[:0] = [str(Path(__file__).parents[1]), str(Path(__file__).parents[2])]

import pytest
from other_home import environment, start

from agentguard.cli import proving
from agentguard.rulebook.prove import ground, prove
from agentguard.rulebook.sandbox import Sandboxes

ROOT = Path(__file__).parents[2]
GUIDE = ROOT / "rules" / "GUIDE.md"
_BLOCK = re.compile(r"^```(toml|console)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_COMMAND = re.compile(r"^\$ (.*)\n", re.MULTILINE)


def packs() -> dict[str, str]:
    """File name → content, as the guide gives them."""
    found = [body for language, body in _BLOCK.findall(GUIDE.read_text()) if language == "toml"]
    return {body.split("\n")[0].removeprefix("# "): body for body in found}


def current(text: str) -> str:
    """``text`` with what the commands in it print now; the files in it are there from their place on."""
    with tempfile.TemporaryDirectory(prefix=".agentguard-guide-", dir=ground()) as root:
        box = Sandboxes(root).box({})
        tools = Path(root, "tools")
        tools.mkdir()
        words = " ".join(f"'{word}'" if "'" not in word else f'"{word}"' for word in start(Path(box.home)))
        (tools / "agentguard").write_text(f'#!/bin/sh\nexec {words} "$@"\n')
        (tools / "agentguard").chmod(0o755)
        env = {**box.environment({}), "PATH": f"{tools}:/usr/bin:/bin", "COLUMNS": "118", "TERM": "dumb"}

        def block(found: re.Match[str]) -> str:
            if found[1] == "toml":
                Path(box.cwd, found[2].split("\n")[0].removeprefix("# ")).write_text(found[2])
                return found[0]
            return "```console\n" + "".join(map(transcript, _COMMAND.findall(found[2]))) + "```"

        def transcript(command: str) -> str:
            done = subprocess.run(["/bin/bash", "-c", command], cwd=box.cwd, env=env, capture_output=True, text=True)
            lines = [line.rstrip() for line in (done.stdout + done.stderr).splitlines()]
            return "\n".join([f"$ {command}", *lines]) + "\n"

        return _BLOCK.sub(block, text)


def test_the_transcripts_are_what_comes_out() -> None:
    text = GUIDE.read_text()
    assert len(_COMMAND.findall(text)) >= 7
    assert current(text) == text, "run python tests/rules/test_guide.py"


def test_every_pack_holds_in_the_end(tmp_path: Path) -> None:
    """The first one with the change that the guide makes to it."""
    assert set(packs()) == {"relctl.toml", "relctl-options.toml", "releases.toml"}
    for name, content in packs().items():
        file = tmp_path / name
        file.write_text(content.replace('subcommand = "drop"', 'subcommand = ["drop", "purge"]'))
        rulebook, rules, problems = proving.read(str(file), str(tmp_path / "none"))
        assert (problems, list(prove(rules, rulebook))) == ([], [])
        assert rules


def run(home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*start(home), "rules", *arguments], cwd=home, env=environment(), capture_output=True, text=True
    )


def test_the_guide_is_printed(tmp_path: Path) -> None:
    assert run(tmp_path, "guide").stdout == GUIDE.read_text()


@pytest.mark.parametrize("kind", ["call", "http", "graphql", "sql", "files"])
def test_a_draft_loads_and_names_all_that_is_to_be_written(tmp_path: Path, kind: str) -> None:
    done = run(tmp_path, "new", f"mine.{kind}", "--kind", kind)
    assert done.returncode == 0, done.stderr
    path = tmp_path / ".config/agentguard/rules/mine.toml"
    assert str(path) in done.stdout
    tested = run(tmp_path, "test", str(path))
    assert tested.returncode == 1 and tested.stderr == ""
    assert tested.stdout.count("is still to be written") == 7 == path.read_text().count('"FILL IN')
    assert tested.stdout.endswith("1 rule, 4 examples: 7 problems\n")


def test_a_draft_takes_what_is_given_and_joins_the_pack(tmp_path: Path) -> None:
    run(tmp_path, "new", "mine.one")
    given = ("--program", "relctl", "--option", "--now", "--title", 'a "title"', "--stop", "relctl --now")
    assert run(tmp_path, "new", "mine.two", *given).returncode == 0
    text = (tmp_path / ".config/agentguard/rules/mine.toml").read_text()
    assert text.count("[pack]") == 1 and text.count("[[rule]]") == 2
    listed = run(tmp_path, "list", "mine.*").stdout
    assert "mine.one" in listed and "mine.two" in listed and 'a "title"' in listed
    assert "mine.two: stop example 1 " not in run(tmp_path, "test", "mine.two").stdout


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    run(tmp_path, "new", "mine.one")
    pack = tmp_path / ".config/agentguard/rules/mine.toml"
    before = pack.read_text()
    again = run(tmp_path, "new", "mine.one")
    assert again.returncode == 125 and "mine.toml:6: mine.one is there already" in again.stderr
    assert run(tmp_path, "new", "mine.two", "--output", str(pack)).returncode == 125
    assert run(tmp_path, "new", "git.push-force").returncode == 125
    assert pack.read_text() == before
    assert not list(tmp_path.rglob("git.toml"))
    pack.write_text("not TOML [")
    assert "has to be mended first" in run(tmp_path, "new", "mine.two").stderr
    assert pack.read_text() == "not TOML ["


@pytest.mark.parametrize("name", ["mine.$(id)", "mine", "../mine.x", "mine.a b", "mine.", ".mine.a"])
def test_an_odd_id_is_refused(tmp_path: Path, name: str) -> None:
    done = run(tmp_path, "new", name, "--output", "x.toml")
    assert done.returncode == 125 and "PACK.NAME" in done.stderr
    assert not list(tmp_path.iterdir())


def test_only_packs_are_written(tmp_path: Path) -> None:
    assert "ends in .toml" in run(tmp_path, "new", "mine.a", "--output", ".bash_profile").stderr
    assert not list(tmp_path.iterdir())


def test_a_failure_says_what_was_found_instead(tmp_path: Path) -> None:
    text = packs()["releases.toml"].replace("-X POST https://releases", "-X DELETE https://releases", 1)
    (tmp_path / "releases.toml").write_text(text.replace('"now": ?true', '"now": ?(true|false)'))
    out = run(tmp_path, "test", "releases.toml").stdout.splitlines()
    first = out.index("releases.retire: stop example 1 of 3 fails")
    assert out[first + 2 : first + 5] == [
        "  expected  releases.retire stops it",
        "  came out  ask",
        "  found by  http.delete (high): "
        "sends a request to delete releases.example.com/api/v1/releases/v1.2/retire",
    ]
    second = out.index("releases.retire: run example 2 of 3 fails")
    assert out[second + 2] == "  expected  releases.retire finds nothing in it"
    assert out[second + 4].startswith("  found by  this rule (critical): ")
    assert out[-1] == "1 rule, 6 examples: 2 problems"


def test_a_pack_that_does_not_load_is_said_so(tmp_path: Path) -> None:
    (tmp_path / "x.toml").write_text("[pack]\nid = 'x'\nsummary = 'x'\n[[rule]]\nid = 'x.a'\n")
    done = run(tmp_path, "test", "x.toml")
    assert done.returncode == 1 and "x.toml:4: " in done.stderr
    assert run(tmp_path, "test", "none.toml").returncode == 125
    assert run(tmp_path, "test", "none.*").returncode == 125


if __name__ == "__main__":
    GUIDE.write_text(current(GUIDE.read_text()))
