"""An installed wheel behaves as the checkout does."""

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory) -> Path:
    """The content of a freshly built wheel, in a directory far from the checkout."""
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    (wheel,) = folder.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder / "site")
    return folder / "site"


def run(package: Path, *arguments: str, cwd: Path) -> str:
    env = {**os.environ, "PYTHONPATH": str(package)}
    command = [sys.executable, "-m", "agentguard", *arguments]
    return subprocess.run(command, cwd=cwd, env=env, capture_output=True, text=True, check=True).stdout


def test_the_rules_and_verdicts_are_those_of_the_checkout(unpacked, tmp_path):
    where = [sys.executable, "-c", "import agentguard; print(agentguard.__file__)"]
    found = subprocess.run(where, cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(unpacked)}, capture_output=True)
    assert found.stdout.decode().startswith(str(unpacked))

    rules = run(unpacked, "rules", "list", "--json", cwd=tmp_path)
    assert json.loads(rules)
    assert rules == run(ROOT, "rules", "list", "--json", cwd=tmp_path)
    asked = ("explain", "--json", "--", "sudo git push --force origin main && ls")
    assert run(unpacked, *asked, cwd=tmp_path) == run(ROOT, *asked, cwd=tmp_path)


def test_the_wheel_holds_every_pack_the_licence_and_the_completions(unpacked):
    packs = {path.name for path in (ROOT / "rules").glob("*.toml")}
    assert packs and packs == {path.name for path in (unpacked / "agentguard" / "_rules").glob("*.toml")}
    names = {path.name for path in unpacked.rglob("*") if path.is_file()}
    assert {"LICENSE", "_agentguard", "agentguard.fish"} <= names


def test_the_completions_lie_where_the_shells_look(unpacked):
    (data,) = unpacked.glob("agentguard-*.data/data")
    installed = {str(path.relative_to(data)): path.read_text() for path in data.rglob("*") if path.is_file()}
    places = {
        "agentguard.bash": "share/bash-completion/completions/agentguard",
        "_agentguard": "share/zsh/site-functions/_agentguard",
        "agentguard.fish": "share/fish/vendor_completions.d/agentguard.fish",
    }
    for name, place in places.items():
        assert installed[place] == (ROOT / "completions" / name).read_text()


def test_a_wheel_makes_completions_and_prints_the_guide(unpacked, tmp_path):
    assert run(unpacked, "rules", "guide", cwd=tmp_path) == (ROOT / "rules" / "GUIDE.md").read_text()
    made = run(unpacked, "completions", "install", "--shell", "fish", "--print", cwd=tmp_path)
    assert made == run(ROOT, "completions", "install", "--shell", "fish", "--print", cwd=tmp_path)
    assert "function __agentguard_is" in made
