"""Tokens of C-like and Perl-like languages: enough to find calls and their arguments, whatever stands around them."""

from __future__ import annotations

import re
from collections.abc import Mapping

from agentguard import regex
from agentguard.light import dataclass, field

#: A program text longer than this many tokens is not followed to its end.
MAX_TOKENS = 40_000

_NAME = regex.compile(r"[A-Za-z_$@][\w$]*[?!]?|#[A-Za-z_]\w*")
_NUMBER = regex.compile(r"0[xX][0-9a-fA-F]+|\d[\d_]*(?:\.\d+)?")
_OPERATOR = regex.compile(
    r"=>|->|::|\?\.|\.\.\.?|===?|!==?|=~|!~|<=|>=|&&|\|\||\*\*|\+=|\.=|\+\+|--|<<|>>|.", re.DOTALL
)
_ESCAPED = regex.compile(r"x([0-9a-fA-F]{2})|u\{?([0-9a-fA-F]{1,6})\}?|([0-7]{3})|(.)", re.DOTALL)
_CLOSING = {"(": ")", "[": "]", "{": "}", "<": ">"}
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "0": "\0", "e": "\x1b", "b": "\b", "v": "\v", "f": "\f"}


@dataclass(frozen=True, slots=True)
class Token:
    """``kind`` is name, number, text, shell (a command in backticks), words (``qw``), regex, line or operator.

    ``parts`` of a text are literal strings and, for what is interpolated, the tokens inside.
    """

    kind: str
    text: str
    parts: tuple[str | tuple[Token, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class Syntax:
    """How a language is written.

    ``quotes`` maps a quote character to its interpolation: ``""`` (none), ``js``, ``ruby``, ``perl``. ``backtick`` is
    the kind of a backtick text (``text``, ``shell`` or ``""``). ``percent``: Ruby's ``%q(…)``; ``q``: Perl's ``q(…)``.
    """

    comments: tuple[str, ...]
    blocks: tuple[tuple[str, str], ...] = ()
    quotes: Mapping[str, str] = field(default_factory=lambda: {"'": "", '"': ""})
    backtick: str = ""
    backtick_as: str = "js"
    percent: bool = False
    q: bool = False
    regex: bool = False
    heredoc: str = ""
    concat: tuple[str, ...] = ("+",)
    long_brackets: bool = False


def tokens(source: str, syntax: Syntax) -> list[Token]:
    """The tokens of a program text, comments left out; never raises."""
    lexer = _Lexer(source, syntax)
    lexer.run()
    return lexer.found


class _Lexer:
    def __init__(self, source: str, syntax: Syntax) -> None:
        self.source = source
        self.syntax = syntax
        self.at = 0
        self.found: list[Token] = []

    def run(self) -> None:
        source, syntax = self.source, self.syntax
        while self.at < len(source) and len(self.found) < MAX_TOKENS:
            c = source[self.at]
            if c == "\n":
                self.found.append(Token("line", "\n"))
                self.at += 1
            elif c.isspace():
                self.at += 1
            elif any(source.startswith(mark, self.at) for mark in syntax.comments) and self._comments(c):
                end = source.find("\n", self.at)
                self.at = len(source) if end < 0 else end
            elif any(source.startswith(opening, self.at) for opening, _ in syntax.blocks):
                closing = next(closing for opening, closing in syntax.blocks if source.startswith(opening, self.at))
                end = source.find(closing, self.at + 2)
                self.at = len(source) if end < 0 else end + len(closing)
            else:
                self._token(c)

    def _comments(self, c: str) -> bool:
        """``#`` begins no comment inside ``$#`` or ``#{``, and no JavaScript ``#private``."""
        return c != "#" or not (self.at and self.source[self.at - 1] in "$\\")

    def _token(self, c: str) -> None:
        source, syntax = self.source, self.syntax
        if c in syntax.quotes:
            self.at += 1
            self.found.append(self._quoted(c, c, syntax.quotes[c], "text"))
        elif c == "`" and syntax.backtick:
            self.at += 1
            self.found.append(self._quoted("`", "`", syntax.backtick_as, syntax.backtick))
        elif syntax.long_brackets and source.startswith("[[", self.at):
            end = source.find("]]", self.at)
            end = len(source) if end < 0 else end
            self.found.append(Token("text", "", (source[self.at + 2 : end],)))
            self.at = end + 2
        elif syntax.q and (match := re.compile(r"(qw|qx|qq|q|qr|m|s|tr|y)(?=\s*[^\w\s,;=)>])").match(source, self.at)):
            self._q(match)
        elif syntax.percent and (match := re.compile(r"%([qQwWxi]?)(?=[({\[<|!/])").match(source, self.at)):
            if self._value_ended() and not match[1]:
                self._operator()
            else:
                self._percent(match)
        elif syntax.heredoc and source.startswith(syntax.heredoc, self.at) and self._heredoc():
            pass
        elif syntax.regex and c == "/" and not self._value_ended():
            self._regex()
        elif match := _NAME.match(source, self.at):
            self.found.append(Token("name", match[0]))
            self.at = match.end()
        elif match := _NUMBER.match(source, self.at):
            self.found.append(Token("number", match[0]))
            self.at = match.end()
        else:
            self._operator()

    def _operator(self) -> None:
        match = _OPERATOR.match(self.source, self.at)
        text = match[0] if match else self.source[self.at]
        self.found.append(Token("operator", text))
        self.at += len(text)

    def _value_ended(self) -> bool:
        """Whether the token before is the end of a value, so that ``/`` divides and ``%`` is a remainder."""
        if not self.found:
            return False
        last = self.found[-1]
        if last.kind == "name":
            return last.text not in ("return", "typeof", "case", "if", "unless", "and", "or", "split", "puts")
        return last.kind in ("number", "text") or last.text in (")", "]", "}")

    def _regex(self) -> None:
        match = re.compile(r"/(?:[^/\\\n\[]|\\.|\[(?:[^\]\\\n]|\\.)*\])+/\w*").match(self.source, self.at)
        if match is None:
            self._operator()
        else:
            self.found.append(Token("regex", match[0]))
            self.at = match.end()

    def _q(self, match: re.Match[str]) -> None:
        kind = match[1]
        self.at = match.end()
        while self.at < len(self.source) and self.source[self.at].isspace():
            self.at += 1
        opening = self.source[self.at]
        self.at += 1
        closing = _CLOSING.get(opening, opening)
        if kind in ("m", "qr", "s", "tr", "y"):
            self._quoted(opening, closing, "", "regex")
            if kind in ("s", "tr", "y"):
                if closing != opening:
                    self.at = self.source.find(opening, self.at) + 1 or len(self.source)
                replacement = self._quoted(opening, closing, "perl", "text")
                flags = re.compile(r"[a-z]*").match(self.source, self.at)
                self.at = flags.end() if flags else self.at
                if kind == "s" and flags and "e" in flags[0]:
                    inner = "".join(part for part in replacement.parts if isinstance(part, str))
                    self.found += [Token("line", "\n"), *tokens(inner, self.syntax), Token("line", "\n")]
            self.found.append(Token("regex", ""))
            return
        shape = {"qw": "words", "qx": "shell"}.get(kind, "text")
        self.found.append(self._quoted(opening, closing, "perl" if kind in ("qq", "qx") else "", shape))

    def _percent(self, match: re.Match[str]) -> None:
        self.at = match.end()
        opening = self.source[self.at]
        self.at += 1
        shape = {"w": "words", "W": "words", "i": "words", "x": "shell"}.get(match[1], "text")
        kind = "" if match[1] in ("q", "w") else "ruby"
        self.found.append(self._quoted(opening, _CLOSING.get(opening, opening), kind, shape))

    def _heredoc(self) -> bool:
        match = re.compile(r"<<<?[~-]?\s*(['\"]?)([A-Za-z_]\w*)\1").match(self.source, self.at)
        if match is None:
            return False
        line_end = self.source.find("\n", match.end())
        if line_end < 0:
            return False
        end = re.compile(rf"^[ \t]*{match[2]}\b;?", re.MULTILINE).search(self.source, line_end + 1)
        if end is None:
            return False
        body = self.source[line_end + 1 : end.start()]
        kind = "" if match[1] == "'" else ("ruby" if self.syntax.percent else "perl")
        inner = _Lexer(body, self.syntax)
        self.found.append(inner._quoted("", "", kind, "text"))
        rest = self.source[match.end() : line_end]
        self.found += tokens(rest, self.syntax)
        self.at = end.end()
        return True

    # ------------------------------------------------------------------------------------ texts

    def _quoted(self, opening: str, closing: str, interpolation: str, kind: str) -> Token:
        """The text up to ``closing`` (the position is behind the opening quote)."""
        source = self.source
        parts: list[str | tuple[Token, ...]] = []
        run: list[str] = []
        depth = 0
        while self.at < len(source):
            c = source[self.at]
            if c == "\\" and self.at + 1 < len(source):
                self.at += 1
                run.append(self._escape(interpolation != "" or closing == '"' or (kind == "text" and closing == "'")))
                continue
            if opening != closing and c == opening:
                depth += 1
            elif closing and c == closing:
                if not depth:
                    self.at += 1
                    break
                depth -= 1
            inside = self._interpolated(interpolation) if interpolation else None
            if inside is not None:
                parts += ["".join(run), inside]
                run = []
                continue
            run.append(c)
            self.at += 1
        parts.append("".join(run))
        return Token(kind, "", tuple(part for part in parts if part != ""))

    def _escape(self, decode: bool) -> str:
        source = self.source
        match = re.compile(r"x([0-9a-fA-F]{2})|u\{?([0-9a-fA-F]{1,6})\}?|([0-7]{3})|(.)", re.DOTALL).match(
            source, self.at
        )
        if match is None:
            return "\\"
        self.at = match.end()
        if not decode:
            return match[0] if match[0] in "\\'" else "\\" + match[0]
        if match[4] is not None:
            return _ESCAPES.get(match[4], "" if match[4] == "\n" else match[4])
        number = int(match[1] or match[2] or match[3], 8 if match[3] else 16)
        return chr(number) if number < 0x110000 else ""

    def _interpolated(self, kind: str) -> tuple[Token, ...] | None:
        source = self.source
        opener = {"js": "${", "ruby": "#{", "dollar": "$("}.get(kind)
        if opener is not None and source.startswith(opener, self.at):
            end = _balanced(source, self.at + 1)
            inner = source[self.at + 2 : end]
            self.at = end + 1
            return tuple(tokens(inner, self.syntax))
        if kind == "perl":
            match = re.compile(r"\{\$[^{}]*\}|[$@]\{?\w+\}?(?:->)?(?:\[[^\]]*\]|\{[^}]*\})?").match(source, self.at)
            if match is not None:
                self.at = match.end()
                inner = (
                    match[0].strip("{}") if match[0].startswith("{") else re.sub(r"^([$@])\{(\w+)\}", r"\1\2", match[0])
                )
                return tuple(tokens(inner, self.syntax))
        if kind == "dollar":
            match = re.compile(r"\$\w+").match(source, self.at)
            if match is not None:
                self.at = match.end()
                return (Token("name", match[0][1:]),)
        return None


def _balanced(source: str, at: int) -> int:
    """The place of the bracket that closes the one at ``at``."""
    opening = source[at]
    closing = _CLOSING[opening]
    depth = 0
    for index in range(at, len(source)):
        if source[index] == opening:
            depth += 1
        elif source[index] == closing:
            depth -= 1
            if not depth:
                return index
    return len(source)
