"""awk and sed: programs of their own that can start commands and write files."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from agentguard import regex
from agentguard.interpret.invocation import Effect, InnerScript, Invocation, Output, Written
from agentguard.interpret.values import EMPTY, Origin, Unknown, Value, concat, literal, unknown
from agentguard.operations import CodeExecution, FileOverwrite, Opaque, ProgramCall
from agentguard.programs.contract import absolute, environment, read_text
from agentguard.programs.lexing import Syntax, Token, tokens
from agentguard.programs.python_values import filled, pierced
from agentguard.programs.streams import assignments, contents
from agentguard.programs.text import MAX_TEXT, derived, sed_output
from agentguard.world.protocol import World

_AWK = Syntax(("#",), (), {'"': "x"}, regex=True)
_KEPT_FILES = frozenset({"/dev/stdout", "/dev/stderr", "/dev/null", "-"})


# --------------------------------------------------------------------------------------------- awk


def awk(call: ProgramCall, invocation: Invocation, world: World) -> Iterator[Effect]:
    """``system()``, pipes to and from commands, and output files of an awk program."""
    operands = list(call.operands)
    programs = list(call.values("--source"))
    programs += [read_text(path, invocation, world) for path in call.values("--file")]
    if not programs and operands:
        programs.append(operands.pop(0))
    if call.value("--include") == literal("inplace"):
        yield from (FileOverwrite(absolute(path, invocation)) for path in operands)
    names = dict(assignments(call.values("--assign"))[0])
    stream = contents([w for w in operands if not re.match(r"\w+=", w.prefix)], invocation, world)
    for program in programs:
        if program.unknown and not any(isinstance(p, str) for p in program.pieces):
            yield Opaque("the awk program is known only when it runs")
            continue
        source, holes = pierced(program)
        yield from _Awk(names, holes, program.sources, invocation, world).read(tokens(source, _AWK))
        output = _awk_output(source, stream) if not holes else None
        yield Output(output if output is not None else derived(invocation, stream))


class _Awk:
    def __init__(
        self,
        names: dict[str, Value | None],
        holes: Sequence[Value],
        sources: frozenset[str],
        invocation: Invocation,
        world: World,
    ) -> None:
        self.names = names
        self.holes = holes
        self.sources = sources
        self.invocation = invocation
        self.world = world

    def read(self, found: Sequence[Token]) -> Iterator[Effect]:
        printing = False
        for index, token in enumerate(found):
            following = found[index + 1] if index + 1 < len(found) else Token("end", "")
            if token.kind == "name" and token.text in ("print", "printf"):
                printing = True
            elif token.kind == "line" or token.text in (";", "{", "}"):
                printing = False
            if token.kind == "name" and following.text == "=" and following.kind == "operator":
                self.names[token.text] = self.value(found, index + 2)
            elif token.kind == "name" and token.text == "system" and following.text == "(":
                yield from self.command(self.value(found, index + 2), "awk system()")
            elif token.text == "|" and printing:
                at = index + 2 if following.text == "&" else index + 1
                yield from self.command(self.value(found, at), "awk |")
                printing = False
            elif token.text == "|" and following.text in ("getline", "&"):
                yield from self.command(self.before(found, index), "awk getline")
            elif token.text in (">", ">>") and printing:
                path = self.value(found, index + 1)
                if path.known is None and not path.prefix.startswith("/"):
                    continue
                if path.known not in _KEPT_FILES:
                    yield FileOverwrite(absolute(path, self.invocation), append=token.text == ">>")

    def command(self, text: Value, step: str) -> Iterator[Effect]:
        if any(isinstance(piece, str) and piece.strip() for piece in text.pieces):
            yield InnerScript(
                Value(text.pieces, text.sources | self.sources), step, stdin=unknown(Origin.INPUT, many=True)
            )
        else:
            yield CodeExecution("input", "awk")

    def value(self, found: Sequence[Token], at: int) -> Value:
        """Neighbouring operands, which awk joins."""
        parts: list[Value] = []
        while at < len(found):
            token = found[at]
            if token.kind == "text":
                parts += [filled(part, self.holes) for part in token.parts if isinstance(part, str)]
            elif token.kind == "number":
                parts.append(literal(token.text))
            elif token.kind == "name" and token.text in ("ENVIRON",):
                key = "".join(p for t in found[at + 1 : at + 4] for p in t.parts if isinstance(p, str))
                parts.append(environment(key, self.invocation, self.world) or EMPTY)
                at += 3
            elif token.kind == "name" and token.text not in ("getline", "in", "if", "else"):
                known = self.names.get(token.text)
                parts.append(
                    known if known is not None else filled(token.text, self.holes) if "_ag" in token.text else _any()
                )
                if at + 1 < len(found) and found[at + 1].text in ("(", "["):
                    depth = 0
                    while at + 1 < len(found):
                        at += 1
                        depth += (found[at].text in ("(", "[")) - (found[at].text in (")", "]"))
                        if not depth:
                            break
            elif token.text in ("$", "(") and token.kind == "operator":
                if token.text == "$":
                    parts.append(_any())
                    at += 1
            else:
                break
            at += 1
        return concat(parts)

    def named(self, name: str) -> Value:
        known = self.names.get(name)
        if known is not None:
            return known
        return filled(name, self.holes) if "_ag" in name else _any()

    def before(self, found: Sequence[Token], index: int) -> Value:
        start = index
        while (
            start
            and (found[start - 1].kind in ("text", "name", "number"))
            and found[start - 1].text not in ("while", "if")
        ):
            start -= 1
        return self.value(found[:index], start)


def _any() -> Value:
    return Value((Unknown(Origin.FILE, "a field", many=True),))


_PRINT_FIELD = regex.compile(r"\s*\{\s*print\s+\$(\d+|NF)\s*;?\s*\}\s*")
_PRINT_TEXT = regex.compile(r'\s*BEGIN\s*\{\s*print\s+"((?:[^"\\]|\\.)*)"\s*;?\s*(?:exit;?\s*)?\}\s*')


def _awk_output(source: str, stream: Value) -> Value | None:
    """The output of the two simplest programs: one text, or one field of each line of known text."""
    from agentguard.programs.text import unescape

    text = _PRINT_TEXT.fullmatch(source)
    if text:
        return literal(unescape(text[1], quotes=True) + "\n")
    field = _PRINT_FIELD.fullmatch(source)
    known = stream.known
    if field is None or known is None or len(known) > MAX_TEXT:
        return None
    lines = []
    for line in known.splitlines():
        words = line.split()
        if field[1] == "0":
            lines.append(line)
        elif field[1] == "NF":
            lines.append(words[-1] if words else "")
        else:
            index = int(field[1]) - 1
            lines.append(words[index] if index < len(words) else "")
    return Value(("\n".join(lines) + "\n",), stream.sources) if lines else EMPTY


# --------------------------------------------------------------------------------------------- sed

_ADDRESS = r"(?:[0-9$]+(?:[,~+][0-9$]+)?|/(?:[^/\\]|\\.)*/I?)?\s*!?\s*"
_BODY = r"s([^\w\s\\])(?:\\.|(?!\1)[^\\])*\1(?P<new>(?:\\.|(?!\1)[^\\])*)\1"  # one way for each backslash: linear
_SED_COMMAND = regex.compile(rf"(?:^|[;{{\n])\s*{_ADDRESS}e(?:\s+(?P<command>[^\n]+)|\s*(?=$|[;}}\n]))")
_SED_FLAGS = regex.compile(_BODY + r"(?P<flags>[gpIiMm0-9]*e[gpIiMm0-9]*)(?=$|[;}\s])", re.DOTALL)
_SED_FILE = regex.compile(rf"(?:{_BODY}[gpIiMm0-9]*|(?:^|[;{{\n])\s*{_ADDRESS})[wW]\s+(?P<path>[^\n;}}]+)", re.DOTALL)


def sed(call: ProgramCall, invocation: Invocation, world: World) -> Iterator[Effect]:
    """The ``e`` command and flag run commands, ``w`` writes a file; ``s/text/text/`` on known text is worked out."""
    operands = list(call.operands)
    scripts = list(call.values("--expression"))
    scripts += [read_text(path, invocation, world) for path in call.values("--file")]
    if not scripts and operands:
        scripts.append(operands.pop(0))
    stream = contents(operands, invocation, world)
    in_place = call.has("--in-place")
    text = "\n".join(script.known if script.known is not None else str(script) for script in scripts)
    for command in _SED_COMMAND.finditer(text):
        if command["command"]:
            yield InnerScript(literal(command["command"]), "sed e")
        else:
            yield from _run(stream)
    output = (
        sed_output(_without_e(text), stream.known) if stream.known is not None and len(stream.known) < 8192 else None
    )
    if _SED_FLAGS.search(text):
        yield from _run(literal(output) if output is not None else stream)
        for match in _SED_FLAGS.finditer(text) if output is None else ():
            if not re.search(r"\\\d|(?<!\\)&", match["new"]):  # all of a line may be replaced
                yield from _run(literal(match["new"].replace("\\" + match[1], match[1])))
        output = None
    for written in _SED_FILE.finditer(text):
        path = written["path"].strip()
        if path not in _KEPT_FILES:
            yield FileOverwrite(absolute(literal(path), invocation))
    if in_place:
        yield Output(EMPTY)
        for path in operands:
            yield Written(absolute(path, invocation), _edited(text, path, call, invocation, world))
    elif output is not None and not call.has("--quiet", "-n"):
        yield Output(Value((output,) if output else (), stream.sources))
    else:
        yield Output(derived(invocation, stream))


def _edited(script: str, path: Value, call: ProgramCall, invocation: Invocation, world: World) -> Value:
    """What a file holds after ``sed -i``."""
    before = read_text(path, invocation, world)
    after = None
    if before.known is not None and not call.has("--quiet", "-n"):
        after = sed_output(_without_e(script), before.known)
    return derived(invocation, before) if after is None else Value((after,) if after else (), before.sources)


def _without_e(text: str) -> str:
    return _SED_FLAGS.sub(lambda m: m[0][: -len(m["flags"])] + m["flags"].replace("e", ""), text)


def _run(text: Value) -> Iterator[Effect]:
    """sed runs what a line holds."""
    if text.known is not None and text.pieces:
        yield InnerScript(text, "sed e")
    elif text.pieces:
        yield CodeExecution("input", "sed")
