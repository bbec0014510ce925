"""The state after each line, compared with the prompts of the real bash: one for a new command, one for more lines."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from agentguard.harness.complete import Completeness, complete
from agentguard.syntax.errors import ShellSyntaxError
from agentguard.syntax.parser import parse

BASH = shutil.which("bash", path="/bin:/usr/bin:/usr/local/bin") or "bash"
_REFUSED = re.compile(r"syntax error near|conditional|unexpected EOF|syntax error: unexpected|`\S*': not a valid id")

SCRIPTS = (
    "echo $LINENO\necho $LINENO\n",
    "if true\nthen\n  echo a\nelif false; then echo b\nelse\n  echo c\nfi\necho $LINENO\n",
    "for i in 1 2\ndo\n  echo $i\ndone\n",
    "for ((i = 0; i < 2; i++))\ndo\necho $i\ndone\n",
    "while false; do\n:\ndone\nuntil true\ndo :\ndone\n",
    "case x in\n  x)\n echo a ;;\n  *) echo b\nesac\n",
    "case x\nin\n(x) echo a;;\nesac\n",
    "f() {\n  echo f\n}\nf\nfunction g\n{\n echo g\n}\ng\n",
    "cat <<EOF\na\n$LINENO\nEOF\necho b\n",
    "cat <<'EOF'\na \\\nEOF\necho b\n",
    "cat <<-E <<F\n\ta\n\tE\nb\nF\n",
    "cat <<E | cat\nx\nE\n",
    "cat <<E &&\nx\nE\necho y\n",
    "echo $(cat <<E\nin\nE\n)\n",
    "echo `cat <<E\nin\nE\n`\n",
    "echo 'a\nb'\necho \"c\nd $(echo e\n)\"\n",
    "echo a \\\n  b\n",
    "echo a \\\\\necho b\n",
    "# a comment \\\necho a\n",
    "echo a # a comment \\\necho b\n",
    "echo a |\ncat\n",
    "true &&\n\n# why\necho a ||\necho b\n",
    "(\necho a\n)\n{\necho b\n}\n",
    "x=(\n1\n2 # two\n)\necho ${x[1]}\n",
    "echo ${x:-a\nb}\n",
    "echo $((1 +\n2))\n",
    "((1 +\n2))\n",
    "[[ a == a &&\nb == b ]]\n",
    "! \\\ntrue\n",
    "time\necho\n",
    "\n\n  \n# c\n",
    "echo a;\necho b &\nwait\n",
    "echo $'a\nb'\n",
    "select x in\n",
    "echo )\n",
    "fi\n",
    "echo a\ndone\n",
    "if true; then fi\n",
    "| cat\n",
    "echo a ;; echo b\n",
    "for\n",
    "(\n)\n",
    "f()\n\n{ echo a; }\nf\n",
    "coproc\n{ :; }\n",
    "if true; then\ncat <<E\nx\nE\nfi\n",
    'echo "$(\nif true; then echo a; fi\n)"\n',
    "echo a &&\n\\\necho b\n",
    "echo <<A <<B\n1\nA\n2\nB\n",
)


def by_prompts(script: str, directory: Path) -> list[Completeness]:
    """What bash says after each line of ``script``, up to its first complaint about the grammar."""
    done = subprocess.run(
        [BASH, "--norc", "--noprofile", "--noediting", "+H", "-i"],
        input=script,
        capture_output=True,
        text=True,
        timeout=60,
        cwd=directory,
        start_new_session=True,
        env={"PATH": "/usr/bin:/bin", "PS1": "@1@", "PS2": "@2@", "LC_ALL": "C", "HOME": str(directory)},
        check=False,
    )
    shown = re.split(r"@([12])@", done.stderr)
    states = []
    for said, prompt in zip(shown[2:-1:2], shown[3::2], strict=False):
        if _REFUSED.search(said):
            return [*states, Completeness.BROKEN]
        states.append(Completeness.COMPLETE if prompt == "1" else Completeness.INCOMPLETE)
    return states


def by_us(script: str, count: int) -> list[Completeness]:
    lines = script.splitlines(keepends=True)
    states: list[Completeness] = []
    for index in range(min(count, len(lines))):
        states.append(complete("".join(lines[: index + 1])))
        if states[-1] is Completeness.BROKEN:
            break
    return states


@pytest.mark.parametrize("script", SCRIPTS)
def test_each_line_as_bash_prompts(script: str, tmp_path: Path) -> None:
    real = by_prompts(script, tmp_path)
    assert real
    assert by_us(script, len(real)) == real


#: no opened array or condition: bash refuses some lines in them at once, the parser first when they are closed
LINES = st.sampled_from(
    (
        *(
            "echo a",
            "echo $LINENO",
            "",
            "  ",
            "# c",
            "# c \\",
            "echo a \\",
            "echo a \\\\",
            "echo a |",
            "echo a &&",
            "echo a ||",
        ),
        *("if true; then", "if false", "then", "else", "elif true; then", "fi", "for i in 1 2; do", "for i in 1", "do"),
        *(
            "done",
            "while false; do",
            "case x in",
            "x) echo b;;",
            "(y|z) :",
            ";;",
            "esac",
            "f() {",
            "f()",
            "{",
            "}",
            "(",
            ")",
        ),
        *(
            "cat <<EOF",
            "cat <<'EOF' | cat",
            "cat <<-EOF && echo b",
            "EOF",
            "\tEOF",
            "x='",
            "'",
            'echo "',
            '"',
            "echo 'a' \"b\"",
        ),
        # without an open (( : bash looks for its end before it knows whether it is arithmetic, and gives up elsewhere
        *("echo $(", "echo $(echo a)", "`", "echo `echo a`", "[[ a == a && b == b ]]", "x=(1 2)", "((1 + 2))"),
        *(
            "! true",
            "echo ${x:-",
            "echo $((1 + 2))",
            "&& echo x",
            "; echo",
            "echo a;",
            "echo a &",
            "time true",
            "true; true",
            "\\",
        ),
        *("EOF)", "fi | cat", "done < /dev/null", "} || true", "echo \\'", "echo '\\'", "echo #x", "echo a#'"),
    )
)
#: what the parser refuses although bash takes it; a text that is not understood is never fed on
_OURS = re.compile(r"not read|continued|not clear|waits|not finished|belongs to zsh|may be")


def understood_too_late(start: str, directory: Path) -> bool:
    """Whether bash reads the word to its end before it complains, or the parser refuses what bash takes."""
    try:
        parse(start)
    except ShellSyntaxError as error:
        if _OURS.search(error.reason):
            return True
    closings = ("'", '"', "`", ")", "}", "))", ") )", '")', ")'")
    ends = [by_prompts(start + closing + "\n", directory)[-1] for closing in closings]
    return Completeness.COMPLETE not in ends and Completeness.BROKEN in ends


@settings(max_examples=400, deadline=None)
@given(lines=st.lists(LINES, min_size=1, max_size=9))
def test_any_lines_as_bash_prompts(lines: list[str], tmp_path_factory: pytest.TempPathFactory) -> None:
    # bash shows the wrong prompt after a continued line in a here-document
    assume(not any("<<" in line for line in lines) or not any(line.endswith("\\") for line in lines))
    script = "".join(line + "\n" for line in lines)
    real = by_prompts(script, tmp_path_factory.getbasetemp())
    ours = by_us(script, len(real))
    if ours[-1:] == [Completeness.BROKEN] and real[len(ours) - 1] is not Completeness.BROKEN:
        start = "".join(script.splitlines(keepends=True)[: len(ours)])
        assert understood_too_late(start, tmp_path_factory.getbasetemp()), start
        ours.pop()
    if Completeness.BROKEN in real:  # bash refuses: then it matters only that nothing is called complete
        refused = real.index(Completeness.BROKEN)
        assert Completeness.COMPLETE not in ours[refused : refused + 1], script
        ours = ours[:refused]
    assert ours == real[: len(ours)], script


@pytest.mark.parametrize("script", [script for script in SCRIPTS if "echo" in script])
def test_fed_one_command_at_a_time(script: str, tmp_path: Path) -> None:
    """A bash that gets each whole command only when it is whole prints what a bash prints that gets all at once."""
    whole, waiting = "", ""
    for line in script.splitlines(keepends=True):
        waiting += line
        state = complete(waiting)
        if state is Completeness.BROKEN:
            return
        if state is Completeness.COMPLETE:
            whole, waiting = whole + waiting, ""
    assert waiting == "" and whole == script
    with subprocess.Popen([BASH], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=tmp_path) as shell:
        assert shell.stdin and shell.stdout
        waiting, read = "", []
        for line in script.splitlines(keepends=True):
            waiting += line
            if complete(waiting) is Completeness.COMPLETE:
                shell.stdin.write(waiting + "echo @@@\n")
                shell.stdin.flush()
                while (said := shell.stdout.readline()) != "@@@\n":
                    assert said, "the shell waits for more, or has ended"
                    read.append(said)
                waiting = ""
        shell.stdin.close()
    at_once = subprocess.run([BASH], input=script, capture_output=True, text=True, cwd=tmp_path, check=False)
    assert re.sub(r"\d+", "N", "".join(read)) == re.sub(r"\d+", "N", at_once.stdout)
