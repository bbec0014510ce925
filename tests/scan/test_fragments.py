"""Each format: what is found, and exactly where. A ``^`` under a line marks where the finding above it starts."""

# ruff: noqa: E101 (recipe lines of a makefile start with a tab)

from __future__ import annotations

from pathlib import Path

import pytest

from agentguard.scan.scanner import scan

#: (file name, text with markers); the statement of every case destroys a database, so that each format shows it.
CASES = [
    ("a.sh", """\
#!/bin/bash
echo one
if true; then dropdb shop; fi
#             ^
f() {
  dropdb shop
# ^
}
"""),
    ("Makefile", """\
DB = shop
clean:
	@echo $$HOME
	-@dropdb $(DB)
#  ^
	true && \\
	  dropdb $(DB)
#  ^
"""),
    ("Dockerfile", """\
FROM debian
RUN --mount=type=cache,target=/x true && \\
    # why
    dropdb shop
#   ^
RUN <<EOF
dropdb shop
#^
EOF
CMD ["dropdb", "shop"]
#     ^
"""),
    ("windows.dockerfile", """\
FROM windows AS tools
SHELL ["powershell", "-Command", \\
       "$x = \\"1\\";"]
RUN dropdb shop
SHELL ["C:\\\\Git\\\\usr\\\\bin/bash.exe", "-o", "pipefail", "-c"]
RUN dropdb shop
#   ^
"""),
    (".github/workflows/ci.yml", """\
on: push
jobs:
  a:
    steps:
      - run: dropdb shop
#            ^
      - name: b
        run: |
          echo ${{ github.ref }}
          dropdb shop
#         ^
      - run: >-
          true &&
          dropdb shop
#         ^
      - run: "true; dropdb \\"shop\\""
#                   ^
      - run: 'echo ''x''; dropdb shop'
#                         ^
      - shell: pwsh
        run: dropdb shop
"""),
    (".gitlab-ci.yml", """\
default:
  before_script: &setup
    - dropdb shop
#     ^
job:
  before_script: *setup
  script:
    - !reference [.other, script]
    - |
      true
      dropdb shop
#     ^
"""),
    ("docker-compose.yml", """\
services:
  a:
    command: ["dropdb", "shop"]
#              ^
  b:
    command: sh -c 'dropdb shop'
#            ^
"""),
    ("justfile", """\
build target:
    @echo {{target}}; dropdb shop
#                     ^
"""),
    ("Taskfile.yml", """\
tasks:
  a:
    cmds:
      - echo {{.X}} && dropdb shop
#                      ^
      - cmd: dropdb shop
#            ^
"""),
    ("README.md", """\
Text
```sh
dropdb shop
#^
```
```console
$ dropdb shop
# ^
dropdb not a prompt
```
"""),
    ("a.sql", """\
SELECT 1;
  DROP DATABASE shop;
# ^
"""),
]  # fmt: skip


def split(marked: str) -> tuple[str, list[tuple[int, int]]]:
    """The text without its marker lines, and the places that they mark. ``#^`` marks the first column."""
    lines: list[str] = []
    wanted = []
    for line in marked.split("\n"):
        if line.startswith("#") and line[1:].strip() == "^":
            wanted.append((len(lines), 1 if line == "#^" else line.index("^") + 1))
        else:
            lines.append(line)
    return "\n".join(lines), wanted


@pytest.mark.parametrize(("name", "marked"), CASES, ids=[name for name, _ in CASES])
def test_place(name: str, marked: str, tmp_path: Path) -> None:
    text, wanted = split(marked)
    file = tmp_path / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)
    (result,) = scan([str(file)], markdown=True)
    assert [(hit.place.line, hit.place.column) for hit in result.hits] == wanted
    assert not [problem for problem in result.problems if not problem.foreign]
    for hit in result.hits:
        assert hit.source == text.split("\n")[hit.place.line - 1]


def test_package(tmp_path: Path) -> None:
    file = tmp_path / "package.json"
    file.write_text('{\n\t"scripts": {\n\t\t"x": "echo \\"a\\" && dropdb shop"\n\t},\n\t"y": "dropdb shop"\n}\n')
    (result,) = scan([str(file)])
    assert [(hit.place.line, hit.place.column) for hit in result.hits] == [(3, 23)]


@pytest.mark.parametrize(
    ("name", "text", "line"),
    [
        ("a.sh", "dropdb a\necho )\ndropdb b\n", 2),
        (".gitlab-ci.yml", "a:\n  script: [dropdb shop]\nb: ]\n", 3),
        ("package.json", '{"scripts": {"a": "dropdb shop"}, "b": }}', 1),
    ],
)
def test_what_is_not_understood_has_a_place_and_hides_nothing_else(
    name: str, text: str, line: int, tmp_path: Path
) -> None:
    (tmp_path / name).write_text(text)
    (result,) = scan([str(tmp_path / name)])
    assert result.hits
    assert [problem.place.line for problem in result.problems] == [line]
