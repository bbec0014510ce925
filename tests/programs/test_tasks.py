"""Task runners are read as what their targets and scripts would start."""

from __future__ import annotations

import json

import pytest

from agentguard.interpret.invocation import InnerScript
from agentguard.operations import Opaque
from tests.programs.effects import commands, effects

MAKEFILE = """\
DIR := out
CLEAN = rm -rf
.PHONY: all clean
all: build
\t@echo done
build: clean
\t$(CLEAN) $(DIR) \\
\t  $(HOME)/x
clean:
\t-rm $@ $$PWD
%.o: %.c
\tcc -c $< -o $@
other: ; rm other
V != touch v
"""


def test_make_follows_the_goal_and_what_it_needs() -> None:
    found = commands(effects("make", files={"Makefile": MAKEFILE}))
    assert found[0] == "touch v"
    assert found[1] == "rm clean $PWD"
    assert found[2].startswith("rm -rf out")
    assert "/home/dev/x" in found[2]
    assert found[3] == "echo done"


@pytest.mark.parametrize(
    ("words", "last"),
    [
        ("make clean", "rm clean $PWD"),
        ("make -j8 other", "rm other"),
        ("make -f Makefile DIR=z other", "rm other"),
        ("make a.o", "cc -c a.c -o a.o"),
        ("make --eval=x:;rm x", "rm x"),
    ],
)
def test_make_goals(words: str, last: str) -> None:
    argv = words.split(" ", 1)
    parts = ["make", argv[1], "x"] if "eval" in words else words.split()
    assert commands(effects(*parts, files={"Makefile": MAKEFILE}))[-1] == last


def test_make_dry_run_only_reads() -> None:
    assert commands(effects("make", "-n", files={"Makefile": MAKEFILE})) == ["touch v"]


def test_makefile_on_standard_input_and_without_any() -> None:
    assert commands(effects("make", "-f", "-", stdin="all:\n\trm x\n")) == ["rm x"]
    (found,) = effects("make", "build")
    assert isinstance(found, Opaque)


def test_recipes_from_a_file_name_it() -> None:
    (effect,) = effects("make", "other", files={"Makefile": "other:\n\trm x\n"})
    assert isinstance(effect, InnerScript)
    assert "file:/home/dev/app/Makefile" in effect.text.sources


PACKAGE = json.dumps(
    {
        "scripts": {
            "prebuild": "rm a",
            "build": "rm b",
            "postbuild": "rm c",
            "test": "rm t",
            "prepare": "rm p",
            "x:y": "rm y",
        }
    }
)


@pytest.mark.parametrize(
    ("words", "inner"),
    [
        ("npm run build", ["rm a", "rm b", "rm c"]),
        ("npm run build -- d", ["rm a", "rm b d", "rm c"]),
        ("npm run-script build --ignore-scripts", ["rm b"]),
        ("npm test", ["rm t"]),
        ("npm t", ["rm t"]),
        ("npm ci", ["rm p"]),
        ("npm install", ["rm p"]),
        ("npm install left-pad", []),
        ("npm run missing", []),
        ("yarn build", ["rm a", "rm b", "rm c"]),
        ("yarn run test", ["rm t"]),
        ("yarn", ["rm p"]),
        ("pnpm build", ["rm a", "rm b", "rm c"]),
        ("bun run test", ["rm t"]),
        ("npm exec -- prisma@5 migrate", ["prisma migrate"]),
        ("npm exec -c rm", ["rm"]),
        ("yarn dlx cowsay -x", ["cowsay -x"]),
        ("pnpm exec tsc -p .", ["tsc -p ."]),
        ("bun x cowsay -f", ["cowsay -f"]),
        ("npx prisma@5.1 migrate reset --force", ["prisma migrate reset --force"]),
        ("npx --yes -p @railway/cli railway down", ["railway down"]),
        ("npx @railway/cli@latest down", ["railway down"]),
        ("run-s x:*", ["rm y"]),
        ("uv run --with x rm y", ["rm y"]),
        ("uv run script.py a", ["python script.py a"]),
        ("uv run -m tools.x", ["python -m tools.x"]),
        ("uvx ruff@0.4 check -x", ["ruff check -x"]),
        ("pipx run black==22 .", ["black ."]),
        ("poetry run rm -rf x", ["rm -rf x"]),
        ("bundle exec rails db:drop", ["rails db:drop"]),
        ("pipenv run rm x", ["rm x"]),
        ("nix develop .#ci -c rm -rf x", ["rm -rf x"]),
        ("hatch run rm x", ["rm x"]),
    ],
)
def test_runners(words: str, inner: list[str]) -> None:
    assert commands(effects(*words.split(), files={"package.json": PACKAGE})) == inner


def test_project_scripts_in_toml() -> None:
    files = {"pyproject.toml": "[tool.poe.tasks]\nx = 'rm x'\n[tool.pdm.scripts]\ny = {shell = 'rm y'}\n"}
    assert commands(effects("poe", "x", files=files)) == ["rm x"]
    assert commands(effects("pdm", "run", "y", files=files)) == ["rm y"]


def test_just() -> None:
    text = "d := 'out'\ndefault: build\nbuild a='1': clean\n    @rm {{d}} {{a}}\nclean:\n    rm z\n"
    assert commands(effects("just", files={"justfile": text})) == ["", "rm out 1", "rm z"]
    assert commands(effects("just", "clean", files={"justfile": text})) == ["rm z"]
    assert commands(effects("just", "--list", files={"justfile": text})) == []


def test_task() -> None:
    text = (
        "tasks:\n  build:\n    deps: [x]\n    cmds:\n      - rm a\n      - cmd: rm b\n      - task: other\n"
        "  other:\n    cmd: rm c\n"
    )
    assert commands(effects("task", "build", files={"Taskfile.yml": text})) == ["rm a", "rm b", "rm c"]


def test_composer() -> None:
    text = json.dumps({"scripts": {"x": ["rm a", "@y"], "y": "rm b", "post-install-cmd": "rm c"}})
    assert commands(effects("composer", "run", "x", files={"composer.json": text})) == ["rm a", "composer run y"]
    assert commands(effects("composer", "install", files={"composer.json": text})) == ["rm c"]


def test_notebook() -> None:
    cells = [{"cell_type": "code", "source": ["!rm x\n", "import os; os.system('rm y')"]}]
    found = effects("jupyter", "nbconvert", "--execute", "n.ipynb", files={"n.ipynb": json.dumps({"cells": cells})})
    assert commands(found) == ["rm x", "rm y"]


def test_compiled_code_is_opaque() -> None:
    for words in (("cargo", "run"), ("go", "run", "."), ("go", "generate")):
        (found,) = effects(*words)
        assert isinstance(found, Opaque)
    assert effects("cargo", "build") == []
