"""Programs whose output is evident from their words and input: echo, printf, cat, base64 -d, tr, basename …"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence

from agentguard import regex
from agentguard.interpret.invocation import Effect, Invocation, Output, Written
from agentguard.interpret.values import EMPTY, Origin, Pattern, Unknown, Value, concat, literal, quoted
from agentguard.operations import ProgramCall
from agentguard.programs.contract import absolute
from agentguard.programs.greps import files_of, matching
from agentguard.programs.streams import contents, finished, join, opened, plain, standard_input
from agentguard.world.protocol import World

#: Text longer than this is passed on, but not worked on.
MAX_TEXT = 65_536
MAX_LINES = 1_000

_ESCAPE = regex.compile(
    r"\\(?:x([0-9a-fA-F]{1,2})|u([0-9a-fA-F]{1,4})|U([0-9a-fA-F]{1,8})|(0?[0-7]{1,3})|(.)|$)", re.DOTALL
)
_SIMPLE = {
    "a": "\a",
    "b": "\b",
    "e": "\x1b",
    "E": "\x1b",
    "f": "\f",
    "n": "\n",
    "r": "\r",
    "t": "\t",
    "v": "\v",
    "\\": "\\",
}


def unescape(text: str, *, quotes: bool = False) -> str:
    """C escapes as ``echo -e`` and ``printf`` read them; ``\\c`` is left to the caller."""

    def one(match: re.Match[str]) -> str:
        for group, base in ((1, 16), (2, 16), (3, 16), (4, 8)):
            if match[group]:
                number = int(match[group], base)
                return chr(number & 0xFF) if base == 8 else chr(number) if number < 0x110000 else match[0]
        letter = match[5] or "\\"
        if quotes and letter in "\"'?":
            return letter
        return _SIMPLE.get(letter, match[0])

    return _ESCAPE.sub(one, text) if "\\" in text else text


def derived(invocation: Invocation, source: Value, *, path_safe: bool = False, tags: Sequence[str] = ()) -> Value:
    """An unknown output that keeps where its input came from."""
    name = invocation.name or ""
    piece = Unknown(Origin.OUTPUT, name, many=True, path_safe=path_safe)
    return Value((piece,), source.sources | {f"cmd:{name}", *tags})


# ------------------------------------------------------------------------------------ echo and printf


def echo(call: ProgramCall, invocation: Invocation, world: World) -> Iterator[Effect]:
    words = invocation.argv[1:]
    escapes, newline = False, True
    while words and re.fullmatch(r"-[neE]+", words[0].known or ""):
        flags = words[0].known or ""
        newline &= "n" not in flags
        for flag in flags:
            escapes = flag == "e" if flag in "eE" else escapes
        words = words[1:]
    text = join(_expanded(words, invocation, world))
    if escapes:
        parts, stopped = _escaped(text)
        text, newline = concat(parts), newline and not stopped
    gone = Value((), frozenset(tag[5:] for tag in invocation.tags if tag.startswith("gone ")))
    yield Output(finished(concat((text, gone, literal("\n"))) if newline else concat((text, gone))))


def _expanded(words: Iterable[Value], invocation: Invocation, world: World) -> list[Value]:
    """Words with patterns: names that are known only when it runs where something matches, else as written."""
    return [_names(word) if _matches(word, invocation, world) else plain(word) for word in words]


def _matches(word: Value, invocation: Invocation, world: World) -> bool:
    from agentguard.interpret import patterns

    if invocation.place or not any(isinstance(piece, Pattern) for piece in word.pieces):
        return False
    return patterns.glob(word, invocation.cwd, world) != []


def _names(word: Value) -> Value:
    """The names that a pattern gives, as a stream shows them."""
    some = Unknown(Origin.EXPANSION, "*", many=True, path_safe=True)
    return Value(tuple(some if isinstance(piece, Pattern) else piece for piece in word.pieces), word.sources)


def _escaped(text: Value) -> tuple[list[Value], bool]:
    """Escapes decoded up to ``\\c``."""
    parts: list[Value] = []
    for piece in text.pieces:
        if isinstance(piece, str):
            head, stop, _ = piece.partition("\\c")
            parts.append(Value((unescape(head),) if head else (), text.sources))
            if stop:
                return parts, True
        else:
            parts.append(Value((piece,), text.sources))
    return parts, False


_FORMAT = regex.compile(r"%(?:%|([-+ #0']*)(\*|\d+)?(?:\.(\*|\d+))?(?:\(([^)]*)\))?[hlLqjzt]*([a-zA-Z]))")


def printf(call: ProgramCall, invocation: Invocation, world: World) -> Iterator[Effect]:
    words = list(invocation.argv[1:])
    if words and words[0].known == "--":
        words.pop(0)
    if not words or words[0].known == "-v":
        return
    sources = concat(words).sources
    template = plain(words[0])
    arguments = _expanded(words[1:], invocation, world)
    output: list[Value] = []
    for _ in range(MAX_LINES):
        before = len(arguments)
        stopped = _once(template, arguments, output)
        if stopped or not arguments or len(arguments) == before:
            break
    result = concat(output)
    yield Output(finished(Value(result.pieces, result.sources | sources)))


def _once(template: Value, arguments: list[Value], output: list[Value]) -> bool:
    """The format applied once, taking arguments as it goes; True after ``\\c``."""
    for piece in template.pieces:
        if not isinstance(piece, str):
            output.append(Value((piece,), template.sources))
            continue
        end = 0
        for match in _FORMAT.finditer(piece):
            output.append(literal(unescape(piece[end : match.start()], quotes=True)))
            end = match.end()
            if match[0] == "%%":
                output.append(literal("%"))
                continue
            width, precision = (_number(part, arguments) for part in (match[2], match[3]))
            argument = arguments.pop(0) if arguments else None
            if match[5] == "b" and argument is not None:
                parts, stopped = _escaped(argument)
                output += parts
                if stopped:
                    return True
            else:
                output.append(_converted(match[5], match[1] or "", width, precision, argument))
        output.append(literal(unescape(piece[end:], quotes=True)))
    return False


def _number(text: str | None, arguments: list[Value]) -> int | None:
    if text == "*":
        text = (arguments.pop(0).known if arguments else None) or "0"
    return min(int(text), 1000) if text and text.lstrip("-").isdigit() else None


def _converted(letter: str, flags: str, width: int | None, precision: int | None, argument: Value | None) -> Value:
    if argument is None:
        argument = EMPTY if letter in "sqbc" else literal("0")
    known = argument.known
    if letter == "s" and known is None:
        return argument
    if letter == "q":
        return quoted(argument)
    if known is None:
        piece = Unknown(Origin.ARITHMETIC, "printf", path_safe=letter in "diouxXeEfFgG")
        return Value((piece,), argument.sources)
    text = known
    if letter == "c":
        text = known[:1]
    elif letter in "diouxX":
        number = _integer(known)
        forms = {"o": "o", "x": "x", "X": "X"}
        text = format(abs(number), forms.get(letter, "d"))
        text = ("-" if number < 0 else "+" if "+" in flags else "") + text.rjust(precision or 0, "0")
        if "0" in flags and width and "-" not in flags:
            text = text.rjust(width, "0")
    elif letter in "sb" and precision is not None:
        text = text[:precision]
    if width:
        text = text.ljust(width) if "-" in flags else text.rjust(width)
    return Value((text,) if text else (), argument.sources)


def _integer(text: str) -> int:
    text = text.strip()
    if text[:1] in "'\"" and len(text) > 1:
        return ord(text[1])
    try:
        return int(text, 0)
    except ValueError:
        return int(text, 8) if re.fullmatch(r"0[0-7]+", text) else 0


# ------------------------------------------------------------------------- filters on known text


def _lines(text: str) -> list[str]:
    return text.splitlines(keepends=True)


def cat(call: ProgramCall, invocation: Invocation, world: World) -> Iterator[Effect]:
    if call.has("--help", "--version"):
        return
    yield Output(contents(call.operands, invocation, world))


def tee(call: ProgramCall, invocation: Invocation, world: World) -> Iterator[Effect]:
    text = standard_input(invocation)
    for path in call.operands:
        yield Written(absolute(path, invocation), text, call.has("--append", "-a"))
    yield Output(text)


def _filter(change: Callable[[str, ProgramCall], str | None], text: Value, call: ProgramCall,
            invocation: Invocation) -> Iterator[Effect]:  # fmt: skip
    known = text.known
    result = change(known, call) if known is not None and len(known) <= MAX_TEXT else None
    yield Output(Value((result,) if result else (), text.sources) if result is not None else derived(invocation, text))


def lines(call: ProgramCall, invocation: Invocation, world: World) -> Iterator[Effect]:
    """tac, rev, head, tail, cut, sort, uniq, nl: files or standard input."""
    yield from _filter(_LINE_FILTERS[call.program], contents(call.operands, invocation, world), call, invocation)


def _tac(text: str, call: ProgramCall) -> str:
    return "".join(reversed(_lines(text)))


def _rev(text: str, call: ProgramCall) -> str:
    return "\n".join(line[::-1] for line in text.split("\n"))


def _count(call: ProgramCall, *names: str) -> str:
    value = call.value(*names)
    if value is not None:
        return value.known or "?"
    for option in call.options:
        if re.fullmatch(r"-\d+", option.name):
            return option.name[1:]
    return "10"


def _head(text: str, call: ProgramCall) -> str | None:
    size = (call.value("-c", "--bytes") or EMPTY).known
    if size:
        return (
            text[: int(size)]
            if size.isdigit()
            else text[: -int(size[1:])]
            if re.fullmatch(r"-[1-9]\d*", size)
            else None
        )
    count = _count(call, "-n", "--lines")
    return "".join(_lines(text)[: int(count)]) if re.fullmatch(r"-?\d+", count) else None


def _tail(text: str, call: ProgramCall) -> str | None:
    size = (call.value("-c", "--bytes") or EMPTY).known
    if size:
        if re.fullmatch(r"\+\d+", size):
            return text[max(int(size) - 1, 0) :]
        return text[-int(size.lstrip("-")) :] if re.fullmatch(r"-?[1-9]\d*", size) else None
    count = _count(call, "-n", "--lines")
    if re.fullmatch(r"\+\d+", count):
        return "".join(_lines(text)[max(int(count) - 1, 0) :])
    return "".join(_lines(text)[-int(count.lstrip("-")) :]) if re.fullmatch(r"-?[1-9]\d*", count) else None


def _cut(text: str, call: ProgramCall) -> str | None:
    fields, characters = call.value("-f", "--fields"), call.value("-c", "-b", "--characters", "--bytes")
    chosen = _ranges((fields or characters or EMPTY).known or "")
    if chosen is None or call.has("--complement"):
        return None
    result = []
    separator = (call.value("-d", "--delimiter") or literal("\t")).known or "\t"
    for line in text.removesuffix("\n").split("\n"):
        if fields is not None:
            parts = line.split(separator)
            kept = line if len(parts) == 1 else separator.join(parts[i] for i in chosen(len(parts)))
        else:
            kept = "".join(line[i] for i in chosen(len(line)))
        result.append(kept + "\n")
    return "".join(result)


def _ranges(text: str) -> Callable[[int], list[int]] | None:
    spans = []
    for part in text.split(","):
        match = re.fullmatch(r"(\d*)(-?)(\d*)", part)
        if match is None or not (match[1] or match[3]):
            return None
        low = int(match[1] or 1)
        high = low if not match[2] else int(match[3]) if match[3] else 1_000_000
        spans.append((low, high))
    if len(spans) > 50:
        return None
    return lambda size: [i for i in range(size) if any(low <= i + 1 <= high for low, high in spans)]


def _sort(text: str, call: ProgramCall) -> str | None:
    if {option.name for option in call.options} - {"-r", "--reverse", "-u", "--unique"}:
        return None
    found = sorted(_lines(text), reverse=call.has("-r", "--reverse"))
    return "".join(dict.fromkeys(found) if call.has("-u", "--unique") else found)


def _uniq(text: str, call: ProgramCall) -> str | None:
    found = _lines(text)
    return "".join(line for i, line in enumerate(found) if not i or line != found[i - 1]) if not call.options else None


_LINE_FILTERS: dict[str, Callable[[str, ProgramCall], str | None]] = {
    "tac": _tac, "rev": _rev, "head": _head, "tail": _tail, "cut": _cut, "sort": _sort, "uniq": _uniq,
}  # fmt: skip


def tr(call: ProgramCall, invocation: Invocation, world: World) -> Iterator[Effect]:
    """``tr SET1 [SET2]``, ``-d``, ``-s``, ``-c`` on known text; ``tr -dc a-z0-9`` makes a safe name."""
    text = standard_input(invocation)
    sets = [_set(word.known) for word in call.operands[:2]]
    delete, squeeze = call.has("-d", "--delete"), call.has("-s", "--squeeze-repeats")
    complement = call.has("-c", "-C", "--complement")
    if not sets or any(found is None for found in sets):
        yield Output(derived(invocation, text))
        return
    first = sets[0] or ""
    known = text.known
    if known is None or len(known) > MAX_TEXT or (complement and not delete):
        safe = delete and complement and not set(first) & set("/.")
        yield Output(derived(invocation, text, path_safe=safe))
        return
    if delete:
        known = "".join(c for c in known if (c in first) == complement)
    elif len(sets) == 2:
        second = sets[1] or ""
        if second:
            second += second[-1] * (len(first) - len(second))
        known = known.translate({ord(a): b for a, b in reversed(list(zip(first, second, strict=False)))})
        if squeeze:
            known = re.sub(f"([{re.escape(second)}])\\1+", r"\1", known) if second else known
    elif squeeze:
        known = re.sub(f"([{re.escape(first)}])\\1+", r"\1", known) if first else known
    yield Output(Value((known,) if known else (), text.sources))


_CLASSES = {
    "upper": "ABCDEFGHIJKLMNOPQRSTUVWXYZ", "lower": "abcdefghijklmnopqrstuvwxyz", "digit": "0123456789",
    "space": " \t\n\v\f\r", "blank": " \t", "xdigit": "0123456789ABCDEFabcdef",
}  # fmt: skip
_CLASSES["alpha"] = _CLASSES["upper"] + _CLASSES["lower"]
_CLASSES["alnum"] = _CLASSES["digit"] + _CLASSES["alpha"]
_CLASSES["punct"] = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"
_CLASSES["print"] = " " + _CLASSES["alnum"] + _CLASSES["punct"]


def _set(text: str | None) -> str | None:
    if text is None:
        return None
    found = re.sub(r"\[:(\w+):\]", lambda m: _CLASSES.get(m[1], ""), text)
    found = unescape(found)
    return re.sub(
        r"(.)-(.)", lambda m: "".join(map(chr, range(ord(m[1]), ord(m[2]) + 1))) if m[1] <= m[2] else m[0], found,
        flags=re.DOTALL,
    )  # fmt: skip


_SUBSTITUTE = regex.compile(r"s([^\w\s\\])((?:\\.|(?!\1).)*)\1((?:\\.|(?!\1).)*)\1([gpI0-9]*)")
_SEPARATED = regex.compile(r"[ \t]*(?:[;\n][\s;]*|$)")
_PLAIN_PATTERN = regex.compile(r"(\^?)((?:[^\\.*\[\]^$+?(){}|]|\\[/.*$^\[\]\\])*)(\$?)")


def sed_output(script: str, text: str) -> str | None:
    """``s/literal/text/g`` (several, separated by ``;``) on known text; None for anything else."""
    rest = script.strip(" \t\n;")
    while rest:
        match = _SUBSTITUTE.match(rest)
        pattern = _PLAIN_PATTERN.fullmatch(match[2]) if match else None
        if match is None or pattern is None or set(match[4]) - {"g"}:
            return None
        end = _SEPARATED.match(rest, match.end())
        if end is None:
            return None
        rest = rest[end.end() :]
        wanted = re.sub(r"\\(.)", r"\1", pattern[2])
        expression = re.compile(("^" if pattern[1] else "") + re.escape(wanted) + ("$" if pattern[3] else ""))
        new = re.sub(r"\\(.)", lambda m: "\n" if m[1] == "n" else "\0" if m[1] == "&" else m[1], match[3])
        new = new.replace("&", wanted).replace("\0", "&")
        count = 0 if "g" in match[4] else 1
        body, last = (text[:-1], "\n") if text.endswith("\n") else (text, "")
        lines = [expression.sub(lambda _, new=new: new, line, count=count) for line in body.split("\n")]  # type: ignore[misc]  # lambda default
        text = "\n".join(lines) + last
    return text


def substituted(call: ProgramCall, invocation: Invocation, world: World) -> Iterator[Effect]:
    """envsubst: text without a dollar sign stays as it is."""
    given = invocation.stdin if invocation.stdin is not None else EMPTY
    if given.known is not None and "$" not in given.known:
        yield Output(given)
    else:
        yield from passing(call, invocation, world)


def passing(call: ProgramCall, invocation: Invocation, world: World) -> Iterator[Effect]:
    """Filters of which only the origin of their input matters: grep, sed, awk, jq, column …"""
    names = matching(call, invocation, world)
    if names is not None:
        yield Output(names)
        return
    stream = invocation.stdin if invocation.stdin is not None else EMPTY
    files = files_of(call)
    named = [f"file:{where}" for word in files if (where := absolute(word, invocation).known) is not None]
    named += [tag for word in files for tag in opened(word, invocation)]
    yield Output(derived(invocation, stream, tags=named))
