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
if true; then dropdb prod; fi
#             ^
f() {
  dropdb prod
# ^
}
"""),
    ("Makefile", """\
DB = prod
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
    dropdb prod
#   ^
RUN <<EOF
dropdb prod
#^
EOF
CMD ["dropdb", "prod"]
#     ^
"""),
    ("windows.dockerfile", """\
FROM windows AS tools
SHELL ["powershell", "-Command", \\
       "$x = \\"1\\";"]
RUN dropdb prod
SHELL ["C:\\\\Git\\\\usr\\\\bin/bash.exe", "-o", "pipefail", "-c"]
RUN dropdb prod
#   ^
"""),
    (".github/workflows/ci.yml", """\
on: push
jobs:
  a:
    steps:
      - run: dropdb prod
#            ^
      - name: b
        run: |
          echo ${{ github.ref }}
          dropdb prod
#         ^
      - run: >-
          true &&
          dropdb prod
#         ^
      - run: "true; dropdb \\"prod\\""
#                   ^
      - run: 'echo ''x''; dropdb prod'
#                         ^
      - shell: pwsh
        run: dropdb prod
"""),
    (".gitlab-ci.yml", """\
default:
  before_script: &setup
    - dropdb prod
#     ^
job:
  before_script: *setup
  script:
    - !reference [.other, script]
    - |
      true
      dropdb prod
#     ^
"""),
    ("docker-compose.yml", """\
services:
  a:
    command: ["dropdb", "prod"]
#              ^
  b:
    command: sh -c 'dropdb prod'
#            ^
"""),
    ("justfile", """\
build target:
    @echo {{target}}; dropdb prod
#                     ^
"""),
    ("Taskfile.yml", """\
tasks:
  a:
    cmds:
      - echo {{.X}} && dropdb prod
#                      ^
      - cmd: dropdb prod
#            ^
"""),
    ("README.md", """\
Text
```sh
dropdb prod
#^
```
```console
$ dropdb prod
# ^
dropdb not a prompt
```
"""),
    ("a.sql", """\
SELECT 1;
  DROP DATABASE prod;
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
    file.write_text('{\n\t"scripts": {\n\t\t"x": "echo \\"a\\" && dropdb prod"\n\t},\n\t"y": "dropdb prod"\n}\n')
    (result,) = scan([str(file)])
    assert [(hit.place.line, hit.place.column) for hit in result.hits] == [(3, 23)]


@pytest.mark.parametrize(
    ("name", "text", "line"),
    [
        ("a.sh", "dropdb a\necho )\ndropdb b\n", 2),
        (".gitlab-ci.yml", "a:\n  script: [dropdb prod]\nb: ]\n", 3),
        ("package.json", '{"scripts": {"a": "dropdb prod"}, "b": }}', 1),
    ],
)
def test_what_is_not_understood_has_a_place_and_hides_nothing_else(
    name: str, text: str, line: int, tmp_path: Path
) -> None:
    (tmp_path / name).write_text(text)
    (result,) = scan([str(tmp_path / name)])
    assert result.hits
    assert [problem.place.line for problem in result.problems] == [line]
