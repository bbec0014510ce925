import re
import tomllib
from pathlib import Path

from transcripts import README, current

from agentguard.config import Trust
from agentguard.config_files import parse
from agentguard.rulebook.pack import read

TEXT = README.read_text()
SCREENS = Path(__file__).parent / "terminal" / "screens"


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)


def test_the_transcripts_are_what_comes_out():
    assert blocks("console")
    assert current(TEXT) == TEXT, "run python tests/transcripts.py"


def test_the_screens_are_those_of_a_real_terminal():
    recorded = [path.read_text().splitlines() for path in SCREENS.glob("*.txt")]
    shown = [block.splitlines() for block in blocks("text")]
    assert len(shown) >= 3
    for screen in shown:
        assert any(screen == [line for line in lines if line.strip()] for lines in recorded), screen


def test_the_configuration_in_it_is_valid():
    (config,) = (block for block in blocks("toml") if "mode =" in block)
    layer = parse("README.md", config.encode(), Trust.USER, "/home/dev")
    assert layer.protections and layer.allowances and layer.environments


def test_the_rule_in_it_is_valid():
    (pack,) = (block for block in blocks("toml") if "[pack]" in block)
    assert read("README.md", pack.encode()).problems == []
    assert tomllib.loads(pack)["rule"]


def test_ci_runs_the_test_command_of_the_readme():
    ci = (README.parent / ".ci" / "run").read_text()
    (command,) = (block.strip() for block in blocks("sh") if "pytest" in block)
    assert command.removeprefix(".venv/bin/python ") in ci
    assert Path(README.parent / "LICENSE").read_text().lstrip().startswith("GNU GENERAL PUBLIC LICENSE")
