"""Shell arithmetic on known numbers: enough to follow counters and offsets, None for the rest."""

from __future__ import annotations

from collections.abc import Callable

from agentguard import regex

_TOKEN = regex.compile(
    r"\s*(?:(0[xX][0-9a-fA-F]+|\d+#[0-9a-zA-Z@_]+|\d+)|([A-Za-z_]\w*)"
    r"|(<<=|>>=|\*\*|<<|>>|<=|>=|==|!=|&&|\|\||\+\+|--|[-+*/%&|^]=|[-+*/%&|^~!<>=?:,()\[\]]))"
)
_LEVELS: tuple[tuple[str, ...], ...] = (
    ("||",), ("&&",), ("|",), ("^",), ("&",), ("==", "!="), ("<", "<=", ">", ">="), ("<<", ">>"), ("+", "-"),
    ("*", "/", "%"),
)  # fmt: skip
_LIMIT = 400


class _Unknowable(Exception):
    """The expression does not come down to a number here."""


def evaluate(text: str, lookup: Callable[[str], int | None], assign: Callable[[str, int | None], None]) -> int | None:
    """The value of an expression, or None. ``assign`` is called for each assignment (value None if unknown).

    Evaluation is only attempted for expressions of at most 400 tokens.
    """
    tokens: list[str] = []
    position = 0
    stripped = text.strip()
    while position < len(stripped):
        found = _TOKEN.match(stripped, position)
        if not found or len(tokens) > _LIMIT:
            _forget(tokens, assign)
            return None
        tokens.append(found.group(0).strip())
        position = found.end()
    if not tokens:
        return 0
    try:
        reader = _Reader(tokens, lookup, assign)
        value = reader.comma()
        if reader.at != len(tokens):
            raise _Unknowable
    except (_Unknowable, RecursionError):
        _forget(tokens, assign)
        return None
    value &= (1 << 64) - 1
    return value - (1 << 64) if value >> 63 else value


_CHANGED = regex.compile(r"([A-Za-z_]\w*)\s*(?:\+\+|--|(?:<<|>>|[-+*/%&|^])?=(?!=))|(?:\+\+|--)\s*([A-Za-z_]\w*)")


def assigned(text: str) -> set[str]:
    """The names that an expression assigns, as far as its text shows."""
    return {found[1] or found[2] for found in _CHANGED.finditer(text)}


def _forget(tokens: list[str], assign: Callable[[str, int | None], None]) -> None:
    """Any name next to an assigning operator may have changed."""
    for i, token in enumerate(tokens):
        if token[0].isalpha() or token[0] == "_":
            near = tokens[max(0, i - 1) : i] + tokens[i + 1 : i + 2]
            if any(t in ("++", "--") or (t.endswith("=") and t not in ("==", "!=", "<=", ">=")) for t in near):
                assign(token, None)


class _Reader:
    def __init__(
        self, tokens: list[str], lookup: Callable[[str], int | None], assign: Callable[[str, int | None], None]
    ) -> None:
        self.tokens = tokens
        self.at = 0
        self.lookup = lookup
        self.assign = assign

    def peek(self) -> str:
        return self.tokens[self.at] if self.at < len(self.tokens) else ""

    def take(self, token: str) -> bool:
        if self.peek() == token:
            self.at += 1
            return True
        return False

    def comma(self) -> int:
        value = self.assignment()
        while self.take(","):
            value = self.assignment()
        return value

    def assignment(self) -> int:
        token = self.peek()
        following = self.tokens[self.at + 1] if self.at + 1 < len(self.tokens) else ""
        if token and (token[0].isalpha() or token[0] == "_"):
            if following == "=":
                self.at += 2
                value = self.assignment()
                self.assign(token, value)
                return value
            if len(following) in (2, 3) and following.endswith("=") and following not in ("==", "!=", "<=", ">="):
                self.at += 2
                value = self.operate(following[:-1], self.name(token), self.assignment())
                self.assign(token, value)
                return value
        return self.ternary()

    def ternary(self) -> int:
        condition = self.binary(0)
        if self.take("?"):
            yes = self.assignment()
            if not self.take(":"):
                raise _Unknowable
            no = self.assignment()
            return yes if condition else no
        return condition

    def binary(self, level: int) -> int:
        if level == len(_LEVELS):
            return self.power()
        left = self.binary(level + 1)
        while self.peek() in _LEVELS[level]:
            operator = self.peek()
            self.at += 1
            left = self.operate(operator, left, self.binary(level + 1))
        return left

    def power(self) -> int:
        left = self.unary()
        if self.take("**"):
            right = self.power()
            if not 0 <= right <= 64:
                raise _Unknowable
            return int(left**right)
        return left

    def unary(self) -> int:
        token = self.peek()
        self.at += 1
        if token == "(":
            value = self.comma()
            if not self.take(")"):
                raise _Unknowable
            return value
        if token in ("+", "-", "!", "~"):
            value = self.unary()
            return {"+": value, "-": -value, "!": int(not value), "~": ~value}[token]
        if token in ("++", "--"):
            name = self.peek()
            self.at += 1
            value = self.name(name) + (1 if token == "++" else -1)
            self.assign(name, value)
            return value
        if token and token[0].isdigit():
            return _number(token)
        if token and (token[0].isalpha() or token[0] == "_"):
            value = self.name(token)
            if self.peek() in ("++", "--"):
                self.assign(token, value + (1 if self.peek() == "++" else -1))
                self.at += 1
            elif self.peek() == "[":
                raise _Unknowable
            return value
        raise _Unknowable

    def name(self, name: str) -> int:
        value = self.lookup(name) if name and (name[0].isalpha() or name[0] == "_") else None
        if value is None:
            raise _Unknowable
        return value

    def operate(self, operator: str, a: int, b: int) -> int:
        if operator in ("/", "%"):
            if b == 0:
                raise _Unknowable
            quotient = abs(a) // abs(b) * (1 if (a < 0) == (b < 0) else -1)
            return quotient if operator == "/" else a - quotient * b
        if operator in ("<<", ">>"):
            if not 0 <= b < 64:
                raise _Unknowable
            return a << b if operator == "<<" else a >> b
        table: dict[str, int] = {
            "+": a + b, "-": a - b, "*": a * b, "&": a & b, "|": a | b, "^": a ^ b,
            "==": int(a == b), "!=": int(a != b), "<": int(a < b), "<=": int(a <= b), ">": int(a > b),
            ">=": int(a >= b), "&&": int(bool(a and b)), "||": int(bool(a or b)),
        }  # fmt: skip
        return table[operator]


def _number(token: str) -> int:
    try:
        if "#" in token:
            base, digits = token.split("#")
            return int(digits, int(base))
        if token[:2] in ("0x", "0X"):
            return int(token, 16)
        return int(token, 8) if token[0] == "0" and len(token) > 1 else int(token)
    except ValueError:
        raise _Unknowable from None
