"""Programs that start a shell by themselves get agentguard's, and come to the same end as with bash."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest
import shells
from transparency.pair import ENVIRONMENT

FILES = 60
STOPPED = "git push --force origin main"


@dataclass(frozen=True, slots=True)
class Two:
    """The same directory made twice: ``plain`` for bash, ``guarded`` for agentguard's shells in ``bin``."""

    place: Path
    bin: Path

    def env(self, *, guarded: bool, **more: str) -> dict[str, str]:
        path = ENVIRONMENT["PATH"]
        named = {"GIT_CONFIG_NOSYSTEM": "1", "GIT_AUTHOR_DATE": "2026-01-01T00:00:00Z", "TZ": "UTC"}
        roles = ("AUTHOR_NAME", "AUTHOR_EMAIL", "COMMITTER_NAME", "COMMITTER_EMAIL")
        who = {f"GIT_{role}": "dev@example.com" for role in roles}
        home = {"HOME": str(self.place / "user"), "PATH": f"{self.bin}:{path}" if guarded else path}
        return {**ENVIRONMENT, **named, **who, "GIT_COMMITTER_DATE": "2026-01-01T00:00:00Z", **home, **more}

    def run(self, words: list[str], *, guarded: bool, **more: object) -> tuple[int, bytes, bytes]:
        """``{bin}`` in a word is the directory of the shells."""
        where = str(self.bin) if guarded else "/bin"
        done = subprocess.run(
            [word.replace("{bin}", where) for word in words],
            cwd=self.place / ("guarded" if guarded else "plain"),
            env=self.env(guarded=guarded),
            capture_output=True,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
            timeout=120,
            **more,
        )
        return done.returncode, done.stdout, done.stderr.replace(where.encode(), b"{bin}")

    def both(self, words: list[str]) -> tuple[int, bytes, bytes]:
        """What both come to, which is the same."""
        guarded, plain = self.run(words, guarded=True), self.run(words, guarded=False)
        assert guarded == plain
        return guarded


@pytest.fixture
def two(tmp_path: Path, home: Path) -> Two:
    for name in ("plain", "guarded", "user"):
        (tmp_path / name).mkdir()
    return Two(tmp_path, shells.directory(tmp_path / "bin", home))


def needs(program: str) -> pytest.MarkDecorator:
    return pytest.mark.skipif(shutil.which(program) is None, reason=f"there is no {program}")


def files(place: Path) -> dict[str, bytes]:
    return {str(path.relative_to(place)): path.read_bytes() for path in sorted(place.rglob("*")) if path.is_file()}


# ------------------------------------------------------------------------------------------ make

MAKEFILE = r"""
CFLAGS := -O1 -Wall -ffile-prefix-map=$(CURDIR)=.
PARTS := $(patsubst src/%.c,obj/%.o,$(sort $(wildcard src/*.c)))
STAMP := $(shell printf '%s' "a b" | tr a-z A-Z)

all: result report.txt
obj/%.o: src/%.c src/parts.h
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) -c $< -o $@
libparts.a: $(PARTS)
	@rm -f $@
	ar rcD $@ $^
result: obj/main/main.o libparts.a
	$(CC) -o $@ $^
obj/main/main.o: main.c src/parts.h
	@mkdir -p $(@D) && $(CC) $(CFLAGS) -c $< -o $@
report.txt: result
	@./result > $@; echo "made $(STAMP) with $$(ls obj/*.o | wc -l) parts" >> $@
	@for part in $(notdir $(PARTS)); do \
	case $$part in (*_1*.o) echo "$${part%.o}" >> $@;; esac; \
	done
check: result
	@test "$$(./result)" = "$(SUM)" || { echo "wrong: $$(./result)" >&2; exit 3; }
clean:
	rm -rf obj libparts.a result report.txt
.PHONY: all check clean
"""


def project(place: Path) -> None:
    """A C program of many parts in a static library."""
    (place / "src").mkdir()
    names = [f"part_{number}" for number in range(FILES)]
    header = "".join(f"int {name}(int);\n" for name in names)
    (place / "src" / "parts.h").write_text(f"#ifndef PARTS_H\n#define PARTS_H\n{header}#endif\n")
    for number, name in enumerate(names):
        body = f'#include "parts.h"\nint {name}(int x) {{ return x * {number} + {number % 7}; }}\n'
        (place / "src" / f"{name}.c").write_text(body)
    calls = "".join(f"    sum += {name}(2);\n" for name in names)
    text = f'#include <stdio.h>\n#include "src/parts.h"\nint main(void) {{\n    int sum = 0;\n{calls}'
    (place / "main.c").write_text(f'{text}    printf("%d\\n", sum);\n    return 0;\n}}\n')
    (place / "Makefile").write_text(MAKEFILE)


@needs("make")
@needs("gcc")
def test_a_project_is_built_to_the_same_bytes(two: Two) -> None:
    for name in ("plain", "guarded"):
        project(two.place / name)
    status, out, err = two.run(["make", "-j2", "CC=gcc", "SHELL={bin}/bash"], guarded=True)
    assert (status, err) == (0, b"") and out.count(b" -c ") == FILES
    assert two.run(["make", "-j2", "CC=gcc", "SHELL={bin}/bash"], guarded=False)[0] == 0
    assert files(two.place / "guarded") == files(two.place / "plain")
    total = sum(2 * number + number % 7 for number in range(FILES))
    assert two.both(["make", "check", f"SUM={total}", "SHELL={bin}/bash"])[0] == 0
    assert two.both(["make", "check", "SUM=1", "SHELL={bin}/bash"])[0] == 2
    assert two.both(["make", "clean", "SHELL={bin}/bash"])[0] == 0
    assert not (two.place / "guarded" / "result").exists()


@needs("make")
def test_make_with_shell_flags_and_one_shell(two: Two) -> None:
    text = "SHELL := {bin}/bash\n.SHELLFLAGS := -euo pipefail -c\n.ONESHELL:\n"
    text += "all:\n\t@x=1\n\techo \"x=$$x\"\n\tfalse | true\n\techo never\n"
    for name, where in (("plain", "/bin"), ("guarded", str(two.bin))):
        (two.place / name / "Makefile").write_text(text.replace("{bin}", where))
    status, out, _ = two.both(["make"])
    assert (status, out) == (2, b"x=1\n")


@needs("make")
def test_what_a_makefile_may_not_do(two: Two) -> None:
    (two.place / "guarded" / "Makefile").write_text(f"all:\n\t@{STOPPED}\n")
    tool = two.bin / "git"
    tool.write_text(f'#!/bin/sh\ntouch "{two.place}/ran"\n')
    tool.chmod(0o755)
    status, _, err = two.run(["make", "SHELL={bin}/bash"], guarded=True)
    assert status == 2 and b"agentguard: not run" in err and b"Error 126" in err
    assert not (two.place / "ran").exists()


# ------------------------------------------------------------------------------------------ git


def repository(place: Path, env: dict[str, str]) -> None:
    steps = [
        ["init", "-q", "-b", "main"], ["commit", "-q", "--allow-empty", "-m", "first"],
        ["commit", "-q", "--allow-empty", "-m", "second"], ["commit", "-q", "--allow-empty", "-m", "third"],
    ]  # fmt: skip
    for step in steps:
        subprocess.run(["git", *step], cwd=place, env=env, check=True, stdin=subprocess.DEVNULL)


@needs("git")
def test_git_runs_aliases_editors_and_steps(two: Two) -> None:
    """git was built with a shell of its own; where it names one by PATH or is given one, it is agentguard's."""
    for name in ("plain", "guarded"):
        repository(two.place / name, two.env(guarded=False))
    alias = "!{bin}/bash -c 'echo \"alias $1 $#\"; git log --format=%s -n \"$2\"' alias"
    assert two.both(["git", "-c", f"alias.last={alias}", "last", "a", "2"])[1] == b"alias a 2\nthird\nsecond\n"
    step = "{bin}/bash -c 'git log --format=%s -n 1 >> ../steps-$(basename \"$PWD\"); true'"
    assert two.both(["git", "rebase", "-q", "--exec", step, "HEAD~2"])[0] == 0
    assert (two.place / "steps-guarded").read_bytes() == (two.place / "steps-plain").read_bytes() != b""
    editor = "{bin}/bash -c 'echo edited > \"$1\"' editor"
    words = ["git", "-c", f"core.editor={editor}", "commit", "-q", "--allow-empty", "-e", "-m", "x"]
    assert two.both(words)[0] == 0
    assert two.both(["git", "log", "--format=%s %T", "-n", "1"])[1].startswith(b"edited ")


@needs("git")
def test_git_runs_hooks(two: Two) -> None:
    for name in ("plain", "guarded"):
        place = two.place / name
        repository(place, two.env(guarded=False))
        hook = place / ".git" / "hooks" / "pre-commit"
        hook.write_text('#!/usr/bin/env bash\nset -e\necho "hook $PWD" | sed "s,/.*/,," >&2\ntest ! -e forbidden\n')
        hook.chmod(0o755)
    for guarded, name in ((True, b"guarded"), (False, b"plain")):
        done = two.run(["git", "commit", "-q", "--allow-empty", "-m", "a"], guarded=guarded)
        assert done == (0, b"", b"hook %s\n" % name)
    assert [two.run(["git", "log", "--format=%s"], guarded=each)[1].count(b"\n") for each in (True, False)] == [4, 4]
    (two.place / "guarded" / "forbidden").write_text("")
    assert two.run(["git", "commit", "-q", "--allow-empty", "-m", "b"], guarded=True)[0] == 1


# ------------------------------------------------------------------------------------------ programs that call a shell

CALLS = {
    "xargs": "printf '%s\\n' 1 2 3 | xargs -I{} {bin}/sh -c 'echo \"item $1\"' x {}",
    "xargs by name": "printf '%s\\0' a 'b c' | xargs -0 -n 1 bash -c 'echo \"<$1>\"' x",
    "xargs that fails": "echo 1 | xargs -I{} bash -c 'exit 7'; echo $?",
    "find": "touch f1 f2; find . -name 'f?' -exec {bin}/sh -c 'for f; do echo \"$f\"; done' x {} + | sort",
    "find by name": "touch f1; find . -name f1 -exec bash -c 'basename \"$1\"' x {} \\;",
    "env": "env -i {bin}/bash -c 'echo \"[$PATH]\" ${HOME-none}; echo $0'",
    "env by name": "env A=1 bash -c 'echo $A'",
    "timeout": "timeout 20 bash -c 'echo in time; exit 3'; echo $?",
    "timeout that ends it": "timeout -s TERM 0.6 bash -c 'trap \"echo ended; exit 0\" TERM; sleep 5 & wait'; echo $?",
    "nice and nohup": "nohup nice -n 2 bash -c nice 2>/dev/null",
    "setsid": "setsid -w bash -c 'echo own; exit 5'; echo $?",
    "a script": "printf '#!/usr/bin/env bash\\necho \"$0 $1\"\\nexit 2\\n' > s && chmod +x s && ./s arg; echo $?",
    "a script by sh": "printf 'echo \"$0 $1\"\\n' > s; sh s arg; bash ./s arg",
    "nested": "bash -c 'bash -c \"sh -c \\\"echo deep \\$((1 + 1))\\\"\"'",
    "a program on standard input": "printf 'x=1\\necho $x\\n' | bash -s; echo 'echo $1' | sh -s one",
    "a here-document": "bash <<'E'\nfor i in 1 2; do echo $i; done\nE",
    "awk": "awk 'BEGIN { system(\"bash -c \\\"echo from awk\\\"\"); \"bash -c date +%s\" | getline x; print (x > 0) }'",
    "perl": "perl -e 'print `bash -c \"echo perl\"`; system(\"bash\", \"-c\", \"exit 4\"); print $? >> 8, \"\\n\"'",
    "python": "python3 -c 'import subprocess as s; print(s.run([\"bash\", \"-c\", \"echo a; exit 3\"]).returncode)'",
    "parallel jobs": "for i in 1 2 3 4; do bash -c \"echo job $i\" & done | sort; wait",
}


@pytest.mark.parametrize("name", CALLS)
def test_called_by(two: Two, name: str) -> None:
    """The outer shell is bash in both runs; what it starts finds agentguard's."""
    text = CALLS[name]
    ends = []
    for guarded in (True, False):
        where = str(two.bin) if guarded else "/bin"
        ends.append(two.run(["/bin/bash", "-c", text.replace("{bin}", where)], guarded=guarded))
    seen = [(status, out.replace(str(two.bin).encode(), b"/bin"), err) for status, out, err in ends]
    assert seen[0] == seen[1]
    assert b"agentguard" not in seen[0][2]


def test_python_starts_it_as_its_shell(two: Two) -> None:
    for executable in ("bash", "sh"):
        for text in ("echo $((1 + 1)); echo e >&2; exit 9", "read -r x; echo \"got $x\"", "kill -TERM $$"):
            ends = [
                subprocess.run(
                    text, shell=True, executable=str(where / executable), cwd=two.place / "plain", input=b"line\n",
                    capture_output=True, env=two.env(guarded=False),
                )
                for where in (two.bin, Path("/bin"))
            ]  # fmt: skip
            assert [(end.returncode, end.stdout, end.stderr) for end in ends[:1]] == [
                (end.returncode, end.stdout, end.stderr) for end in ends[1:]
            ]


@needs("node")
def test_node_starts_it_as_its_shell(two: Two) -> None:
    code = """
const { spawn, execSync, spawnSync } = require("child_process");
const shell = process.argv[1];
process.stdout.write(execSync("echo sync $((40 + 2)); cat", { shell, input: "given\\n" }));
const done = spawnSync("echo out; echo err >&2; exit 5", { shell });
console.log(done.status, String(done.stdout), String(done.stderr));
const child = spawn("trap 'echo ended; exit 3' TERM; echo ready; sleep 20 & wait", {
  shell, stdio: ["ignore", "pipe", "pipe"], detached: true,
});
child.stdout.on("data", (data) => { process.stdout.write(data); if (String(data).includes("ready")) child.kill(); });
child.on("exit", (code, signal) => {
  console.log("exit", code, signal);
  try { process.kill(-child.pid, "SIGKILL"); } catch {}
});
"""
    status, out, _ = two.both(["node", "-e", code, "{bin}/bash"])
    assert status == 0 and b"sync 42\ngiven\n" in out and b"exit 3 null" in out


@needs("script")
def test_script_records_it(two: Two) -> None:
    words = ["script", "-q", "-e", "-c", "echo recorded; exit 6", "/dev/null"]
    ends = []
    for guarded in (True, False):
        shell = str(two.bin / "bash") if guarded else "/bin/bash"
        done = subprocess.run(
            words, env={**two.env(guarded=guarded), "SHELL": shell}, capture_output=True, stdin=subprocess.DEVNULL,
            cwd=two.place / "plain", timeout=60,
        )  # fmt: skip
        ends.append((done.returncode, done.stdout))
    assert ends == [(6, b"recorded\r\n")] * 2


@needs("tmux")
def test_tmux_runs_commands_in_it(two: Two) -> None:
    socket = str(two.place / "socket")
    env = {**two.env(guarded=True), "SHELL": str(two.bin / "bash")}
    text = f"echo from tmux > out; echo $BASH >> out; tmux -S {socket} wait-for -S finished"
    tmux = ["tmux", "-S", socket, "-f", "/dev/null"]
    try:
        subprocess.run([*tmux, "new-session", "-d", "-x", "80", "-y", "24", "sleep 60"], env=env, check=True,
                       cwd=two.place / "guarded", timeout=30)  # fmt: skip
        subprocess.run([*tmux, "set-option", "-g", "default-shell", str(two.bin / "bash")], check=True, timeout=30)
        subprocess.run([*tmux, "new-window", "-c", str(two.place / "guarded"), text], env=env, check=True, timeout=30)
        subprocess.run([*tmux, "wait-for", "finished"], check=True, timeout=30)
    finally:
        subprocess.run([*tmux, "kill-server"], timeout=30)
    assert (two.place / "guarded" / "out").read_text() == f"from tmux\n{two.bin}/bash\n"


def test_many_at_once(two: Two) -> None:
    """Shells that start at the same moment share what agentguard keeps."""
    started = [
        subprocess.Popen(
            [str(two.bin / "bash"), "-c", f"echo {number}; cat missing-{number}; exit {number}"],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, env=two.env(guarded=True),
        )
        for number in range(12)
    ]  # fmt: skip
    for number, each in enumerate(started):
        out, err = each.communicate(timeout=60)
        assert (each.returncode, out) == (number, b"%d\n" % number)
        assert err == b"cat: missing-%d: No such file or directory\n" % number
