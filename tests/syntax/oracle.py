"""Scripts of harmless marked names, mutated, and what real bash runs of them.

The names (``zz1``, ``zz2`` …) exist nowhere. Bash has no search path, so each one it tries to start ends up in
``command_not_found_handle``, which writes it down. Nothing else can be started: there is no slash in any script, and
the shell runs in an empty directory with limits on time, file size and memory.
"""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from random import Random

_PIECES = (
    *";&|<>(){}[]'\"`$\\#!*?=~-+:,@%^ \t\n", "$(", "${", "$((", "((", "))", "))", "&&", "||", ";;", ";&", "|&", ">&",
    ">&-", "<<E\n", "\nE\n", "<<'E'\n", "<<-E\n", "<<<", "\\\n", "\\\\", " # ", "#\\\n", "$'", '$"', '"$(', ')"', "'$(",
    ")'", "<(", ">(", "{fd}>", "${x:-", "${x#", "${x/", "${a[", "a[", "]=", "=(", "+=", " do ", " done ", " then ",
    " fi ", " esac ", " in ", "time ", "! ", "coproc ", "[[ ", " ]]", "{ ", "; }", "\r", "()", "() {", "eval ", "x=",
    "else ", "elif ", "function ", "$[", "@(", "!(", "case ", "for ", "while ", "if ", "\\`", '\\"', "\\'", "\\$",
)  # fmt: skip
_RUNNERS = """
ulimit -t 1 -f 4 -v 400000 2>&1
command_not_found_handle() {
  name=${1//$'\\n'/?}  # printf writes a line at a time, and two of a pipeline would mix
  builtin printf '%s\\0' "$name" >> "$ORACLE_LOG"
  case $1 in *[13579]) return 0;; esac
  return 1
}
unset BASH_ENV
"""


@dataclass(slots=True)
class Maker:
    """Random scripts, each command in them named differently."""

    random: Random
    count: int = 0

    def name(self) -> str:
        self.count += 1
        return f"zz{self.count}"

    def pick(self, *choices: Callable[[int], str] | str, depth: int = 0) -> str:
        choice = self.random.choice(choices)
        return choice if isinstance(choice, str) else choice(depth)

    def script(self, depth: int) -> str:
        separators = ["; ", "; ", "\n", " && ", " || ", " | ", " & ", " |& ", "\n\n", " # c'\n", " \\\n ; "]
        text = self.command(depth)
        for _ in range(self.random.choice((0, 0, 1, 1, 2))):
            text += self.random.choice(separators) + self.command(depth)
        return text

    def command(self, depth: int) -> str:
        if depth <= 0 or self.random.random() < 0.45:
            return self.simple(max(depth, 0))
        return self.pick(
            self._group, self._subshell, self._if, self._while, self._for, self._case, self._function, self._eval,
            self._coproc, self._arithmetic, self._condition, self._heredoc, self._heredoc, self._array, self._prefixed,
            depth=depth - 1,
        )  # fmt: skip

    def simple(self, depth: int) -> str:
        words = [self.name()]
        for _ in range(self.random.choice((0, 0, 1, 2))):
            words.append(self.word(depth))
        text = " ".join(words)
        if self.random.random() < 0.12:
            text = f"{self.pick('x=', 'a[1]=', 'y+=', 'x=~:')}{self.word(depth)} {text}"
        if self.random.random() < 0.15:
            text += self.pick(" >f", " 2>&1", " >&-", " <<<", " >&2 ", " {fd}>f", " &>f", " 3<&0", " <>f", "<f ")
            if text.endswith("<<<"):
                text += self.word(depth)
        return text

    def word(self, depth: int) -> str:
        if depth <= 0:
            return self.pick("a", "'c'", '"d"', "$x", "*", "e#f", "\\'", '"$x"', "~", "{a,b}", "''", "$'g\\'h'", "}")
        return self.pick(
            self._substitution, self._substitution, self._parameter, self._parameter, self._sum, self._quoted,
            self._joined, self._process, self._braces, self._strange, "[a-z]", "a",
            depth=depth - 1,
        )  # fmt: skip

    # ------------------------------------------------------------------------------------------ words

    def _substitution(self, depth: int) -> str:
        body = self.script(depth)
        if self.random.random() < 0.3:
            inner = body.replace("\\", "\\\\").replace("`", "\\`").replace("$", "\\$")
            return self.pick(f"`{inner}`", f'"`{inner}`"')
        return self.pick(f"$({body})", f'"$({body})"', f"$( {body}\n)", f"$({body} # )\n)")

    def _parameter(self, depth: int) -> str:
        word = self.word(depth)
        return self.pick(
            f"${{x:-{word}}}", f'"${{x:-{word}}}"', f"${{x#{word}}}", f"${{x%%{word}}}", f"${{x/a/{word}}}",
            f"${{a[{self.random.randint(0, 3)}]:={word}}}", f"${{x:${{#x}}:{self.random.randint(0, 2)}}}",
            f'"${{x+{word}}}"', f'"${{x#{word}}}"', f"${{x^^{word}}}", f'"${{x//{word}/{word}}}"',
        )  # fmt: skip

    def _sum(self, depth: int) -> str:
        return f"$(( {self.random.randint(0, 9)} + {self.pick('x', '$x', '1')} + ${{#{self.pick('x', 'a')}}} ))"

    def _quoted(self, depth: int) -> str:
        return f'"a {self.word(depth)} \\" b"'

    def _joined(self, depth: int) -> str:
        return f"{self.word(depth)}{self.pick('', '-', '=', ':', chr(92) + chr(10))}{self.word(depth)}"

    def _process(self, depth: int) -> str:
        return f"{self.pick('<', '>')}({self.script(depth)})"

    def _strange(self, depth: int) -> str:
        return self.pick("$'\\'$(x'", "'$(zz99)'", "\\$\\(zz98", "'c' # d", "$'\\x24(zz97)'", "a\\;zz96")

    def _braces(self, depth: int) -> str:
        return f"{{a,{self.word(depth)}}}"

    # ---------------------------------------------------------------------------------------- compounds

    def _group(self, depth: int) -> str:
        return f"{{ {self.script(depth)}{self.pick('; ', chr(10))}}}{self.pick('', ' >f', ' 2>&1')}"

    def _subshell(self, depth: int) -> str:
        return f"({self.script(depth)})"

    def _if(self, depth: int) -> str:
        middle = "".join(
            f"elif {self.script(depth)}; then {self.script(depth)}\n" for _ in range(self.random.randint(0, 2))
        )
        last = self.pick("", f"else {self.script(depth)}\n")
        return f"if {self.script(depth)}; then\n{self.script(depth)}\n{middle}{last}fi"

    def _while(self, depth: int) -> str:
        end = self.pick("; ", "\n", " # c\n")
        return f"{self.pick('while', 'until')} {self.script(depth)}{end}do {self.script(depth)}; break; done"

    def _for(self, depth: int) -> str:
        head = self.pick(
            f"for x in {self.word(depth)} {self.word(depth)};",
            f"for x in a {self.word(depth)}\n",
            "for ((i=0; i<2; i++))",
            f"for ((i=$({self.script(0)})0; i<1; i++));",
            "for x in 1;",
        )
        body = self.script(depth)
        return self.pick(f"{head} do {body}; done", f"{head}\ndo\n{body}\ndone", f"{head} {{ {body}; }}")

    def _case(self, depth: int) -> str:
        return (
            f"case {self.word(depth)} in {self.pick('', '(')}{self.pick('a', '*', 'b|*')}) {self.script(depth)} "
            f"{self.pick(';;', ';&', ';;&')} {self.pick('*', self.word(depth))}) {self.script(depth)}\n esac"
        )

    def _function(self, depth: int) -> str:
        name = self.pick("f", "g", "h-1")
        head = self.pick(f"{name}()", f"{name} ( )\n", f"function {name}", f"function {name} ()")
        return f"{head} {{ {self.script(depth)}; }}{self.pick('', ' >f')}; {name}"

    def _eval(self, depth: int) -> str:
        body = self.script(depth)
        quoted = "'" + body.replace("'", "'\\''") + "'"
        return self.pick(f"eval {quoted}", f"trap {quoted} EXIT", f"eval {self.simple(0)}", f"trap -- {quoted} 0")

    def _coproc(self, depth: int) -> str:
        body = self.script(depth)
        return self.pick(f"coproc {self.simple(0)}", f"coproc N {{ {body}; }}", f"coproc ({body})")

    def _arithmetic(self, depth: int) -> str:
        return self.pick("(( x = 1 + $x ))", f"(( $({self.script(depth)})1 ))", f"((x<<1)) || {self.simple(0)}")

    def _condition(self, depth: int) -> str:
        return self.pick(
            f"[[ -n {self.word(depth)} && {self.word(depth)} == {self.word(depth)} ]]",
            f"[[ {self.word(depth)} =~ ^(a|{self.word(0)})$ ]]",
            f"[[ ! ( -z {self.word(depth)} ) ]] && {self.simple(0)}",
        )

    def _heredoc(self, depth: int) -> str:
        mark = self.pick("E", "'E'", "\\E", '"E"')
        operator = self.pick("<<", "<<-", "<< ")
        tab = "\t" if operator == "<<-" else ""
        body = f"{tab}{self.word(depth)} {self.word(depth)}\\\n{tab}$({self.script(0)})"
        tail = self.pick("", f" && {self.simple(0)}", f" | {self.simple(0)}", " >f", "; " + self.simple(0))
        return f"{self.name()} {operator}{mark}{tail}\n{body}\n{tab}E\n{self.simple(0)}"

    def _array(self, depth: int) -> str:
        return self.pick(
            f"a=({self.word(depth)} [2]={self.word(depth)})",
            f"a[1+$({self.script(0)})0]={self.word(depth)}",
            f"declare -A m=([k]={self.word(depth)} [{self.word(0)}]=b)",
            f"a+=({self.word(depth)}\n{self.word(depth)} # c\n)",
        )

    def _prefixed(self, depth: int) -> str:
        return self.pick("! ", "time ", "time -p ", "! ! ", "time ! ") + self.command(depth)


def mutate(text: str, other: str, random: Random) -> str:
    """One to four small damages: characters taken out, put in, moved; pieces of another script; wrappings."""
    for _ in range(random.choice((0, 1, 1, 1, 2, 2, 3, 4))):
        at = random.randint(0, len(text))
        kind = random.random()
        if kind < 0.3:
            text = text[:at] + text[at + random.choice((1, 1, 1, 2, 4)) :]
        elif kind < 0.7:
            text = text[:at] + random.choice(_PIECES) + text[at:]
        elif kind < 0.8:
            start = random.randint(0, len(other))
            text = text[:at] + other[start : start + random.randint(1, 25)] + text[at:]
        elif kind < 0.87:
            end = min(len(text), at + random.randint(1, 12))
            to = random.randint(0, len(text))
            text = text[:to] + text[at:end] + text[to:]
        else:
            before, after = random.choice(_WRAPPINGS)
            end = min(len(text), at + random.choice((len(text), 3, 10, 30)))
            text = text[:at] + before + text[at:end] + after + text[end:]
    return text


_WRAPPINGS = (
    ("$(", ")"), ("`", "`"), ('"$(', ')"'), ("${x:-", "}"), ('"${x:-', '}"'), ("{ ", "; }"), ("(", ")"), ("'", "'"),
    ('"', '"'), ("eval '", "'"), ("x=$(", ")"), ("<(", ")"), ("$((", "))"), ("if ", "; then :; fi"), ("\\", ""),
    ("zz90 <<E\n", "\nE\n"), ("$(zz91 <<E\n", "\nE\n)"), ("a[", "]=1"), ("${a[", "]}"), ("a=(", ")"), ("[[ ", " ]]"),
    ("((", "))"), ("case a in a) ", ";; esac"), ("f() { ", "; }; f"), ("while ", "; do break; done"), ("$'", "'"),
    ("coproc { ", "; }"), (">&", ""), ("${x/", "/a}"), ("${x#", "}"), ('"${x#', '}"'), ("time ", ""), ("#", "\n"),
)  # fmt: skip


def case(seed: int) -> str:
    """The script of one fixed seed."""
    random = Random(seed)
    text = Maker(random).script(random.choice((1, 2, 2, 3)))
    other = Maker(random, 50).script(2)
    text = mutate(text, other, random)[:1500]
    return "".join(c for c in text if c not in "/\0")


class Shell:
    """Runs scripts in real bash, one process each, in a directory of its own."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.log = directory / "log"
        self.place = directory / "place"
        self.place.mkdir()
        setup = directory / "setup"
        setup.write_text(_RUNNERS)
        self.environment = {
            "PATH": str(directory / "nowhere"),
            "HOME": str(self.place),
            "BASH_ENV": str(setup),
            "ORACLE_LOG": str(self.log),
            "FUNCNEST": "4",
            "LC_ALL": "C.UTF-8",
        }

    def run(self, text: str, seconds: float = 2.0) -> set[str]:
        """The marked names that bash tried to start. One that does not end is stopped."""
        self.log.write_bytes(b"")
        for name in os.listdir(self.place):
            os.unlink(self.place / name)
        process = subprocess.Popen(
            ["/bin/bash", "--norc", "--noprofile", "-c", text],
            cwd=self.place,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        try:
            with suppress(subprocess.TimeoutExpired):
                process.wait(seconds)
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        found = self.log.read_bytes().decode(errors="replace").split("\0")[:-1]  # the last may be cut short
        return {name for name in found if name[:2] == "zz" and name[2:].isdigit()}
