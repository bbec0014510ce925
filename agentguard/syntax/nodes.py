"""Every node of the syntax tree, and nothing else.

A ``Span`` is a half-open pair of character offsets into the text given to the parser; every node carries
one. Words are kept as parts *after* quote removal: the interpreter never looks at quote characters again,
each part only says whether it stood inside quotes (a quoted part is neither split, globbed nor
tilde-expanded).
"""

from __future__ import annotations

from agentguard.light import dataclass

Span = tuple[int, int]


# --------------------------------------------------------------------------------------------- words


@dataclass(frozen=True, slots=True)
class Text:
    """Literal characters after quote removal and ``$'…'`` decoding. ``''`` gives ``Text(…, "", True)``."""

    span: Span
    value: str
    quoted: bool


@dataclass(frozen=True, slots=True)
class Glob:
    """One unquoted pattern operator as written: ``*``, ``?``, ``[a-z]``, ``@(a|b)``."""

    span: Span
    pattern: str


@dataclass(frozen=True, slots=True)
class Tilde:
    """``~`` (user ``""``), ``~user``, ``~+`` or ``~-`` where bash expands it."""

    span: Span
    user: str


@dataclass(frozen=True, slots=True)
class Parameter:
    """``$x`` or ``${…}``.

    ``name`` is a variable name, a positional (``"1"``) or a special parameter (``@ * # ? - $ ! 0``).
    ``index`` is the subscript word of ``${a[i]}`` (``@`` and ``*`` included). ``operator`` is ``""`` or one of
    ``:- - := = :? ? :+ + # ## % %% / // /# /% : ^ ^^ , ,, ~ ~~ @``; ``words`` holds its argument words (two for
    ``/`` with a replacement and for ``:offset:length``, one else; ``@`` has one word, the letter).
    ``prefix`` is ``""``, ``"#"`` (length) or ``"!"`` (indirect); ``${!x*}`` and ``${!x@}`` have prefix ``"!"`` and
    operator ``"names"``; ``${!a[@]}`` has prefix ``"!"`` and an index.
    """

    span: Span
    name: str
    quoted: bool
    index: Word | None = None
    operator: str = ""
    words: tuple[Word, ...] = ()
    prefix: str = ""


@dataclass(frozen=True, slots=True)
class CommandSubstitution:
    """``$(…)`` or a pair of backticks. ``$(< f)`` is a script with one command of one redirection."""

    span: Span
    script: Script
    quoted: bool
    backtick: bool = False


@dataclass(frozen=True, slots=True)
class ProcessSubstitution:
    """``<(…)`` (direction ``"<"``) or ``>(…)``."""

    span: Span
    script: Script
    direction: str


@dataclass(frozen=True, slots=True)
class Arithmetic:
    """``$((…))`` or ``$[…]``; ``expression`` holds its text with the expansions inside as parts."""

    span: Span
    expression: Word
    quoted: bool


@dataclass(frozen=True, slots=True)
class Brace:
    """Brace expansion: the alternatives of ``{a,b}``, or a range already written out (``{1..3}``).

    A range too long to write out (over 1,000 items) is one alternative holding its text and ``truncated``.
    """

    span: Span
    alternatives: tuple[Word, ...]
    truncated: bool = False


@dataclass(frozen=True, slots=True)
class ArrayElement:
    span: Span
    index: Word | None
    value: Word


@dataclass(frozen=True, slots=True)
class ArrayLiteral:
    """``( … )`` after ``name=``; only the last part of an assignment's value or of a ``declare`` operand."""

    span: Span
    elements: tuple[ArrayElement, ...]


Part = (
    Text | Glob | Tilde | Parameter | CommandSubstitution | ProcessSubstitution | Arithmetic | Brace | ArrayLiteral
)


@dataclass(frozen=True, slots=True)
class Word:
    span: Span
    parts: tuple[Part, ...]


# --------------------------------------------------------------------------- assignments, redirections


@dataclass(frozen=True, slots=True)
class Assignment:
    """``name=value``, ``name+=value`` (``append``), ``name[index]=value``; an empty value is a word without parts."""

    span: Span
    name: str
    index: Word | None
    append: bool
    value: Word


@dataclass(frozen=True, slots=True)
class Heredoc:
    """``body`` is one ``Text`` when the delimiter was quoted; ``<<-`` tabs are already removed."""

    span: Span
    delimiter: str
    quoted: bool
    body: Word


@dataclass(frozen=True, slots=True)
class Redirect:
    """``operator`` is one of ``< > >> >| <> <& >& &> &>> << <<- <<<``.

    ``descriptor`` is the number before the operator, the variable name of ``{name}>``, or None where none is
    written. ``target`` is the word after the operator (the delimiter word of a here-document).
    """

    span: Span
    operator: str
    descriptor: int | str | None
    target: Word
    heredoc: Heredoc | None = None


# ------------------------------------------------------------------------------------------ commands


@dataclass(frozen=True, slots=True)
class Simple:
    """A simple command; ``words`` may be empty (only assignments or redirections)."""

    span: Span
    assignments: tuple[Assignment, ...]
    words: tuple[Word, ...]
    redirects: tuple[Redirect, ...]


@dataclass(frozen=True, slots=True)
class Pipeline:
    """``operators`` (``|`` or ``|&``) is one shorter than ``commands``."""

    span: Span
    commands: tuple[Command, ...]
    operators: tuple[str, ...]
    negated: bool
    timed: bool


@dataclass(frozen=True, slots=True)
class AndOr:
    """``operators`` (``&&`` or ``||``) is one shorter than ``commands``."""

    span: Span
    commands: tuple[Command, ...]
    operators: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Statement:
    """One list item; ``background`` when it ended with ``&``."""

    span: Span
    command: Command
    background: bool


@dataclass(frozen=True, slots=True)
class Script:
    """A list of statements: the whole text, or the inside of any compound command or substitution."""

    span: Span
    statements: tuple[Statement, ...]


@dataclass(frozen=True, slots=True)
class Subshell:
    span: Span
    body: Script
    redirects: tuple[Redirect, ...]


@dataclass(frozen=True, slots=True)
class Group:
    span: Span
    body: Script
    redirects: tuple[Redirect, ...]


@dataclass(frozen=True, slots=True)
class If:
    """``branches`` are the ``if`` and each ``elif`` as (condition, body)."""

    span: Span
    branches: tuple[tuple[Script, Script], ...]
    otherwise: Script | None
    redirects: tuple[Redirect, ...]


@dataclass(frozen=True, slots=True)
class For:
    """``words`` is None without ``in`` (the positional parameters). ``select`` loops are the same shape."""

    span: Span
    name: str
    words: tuple[Word, ...] | None
    body: Script
    redirects: tuple[Redirect, ...]
    select: bool = False


@dataclass(frozen=True, slots=True)
class ArithmeticFor:
    span: Span
    clauses: tuple[Word, Word, Word]
    body: Script
    redirects: tuple[Redirect, ...]


@dataclass(frozen=True, slots=True)
class While:
    span: Span
    condition: Script
    body: Script
    until: bool
    redirects: tuple[Redirect, ...]


@dataclass(frozen=True, slots=True)
class CaseArm:
    """``terminator`` is ``;;``, ``;&`` or ``;;&`` (``;;`` also where the last one is left out)."""

    span: Span
    patterns: tuple[Word, ...]
    body: Script
    terminator: str


@dataclass(frozen=True, slots=True)
class Case:
    span: Span
    subject: Word
    arms: tuple[CaseArm, ...]
    redirects: tuple[Redirect, ...]


@dataclass(frozen=True, slots=True)
class Function:
    span: Span
    name: str
    body: Command


@dataclass(frozen=True, slots=True)
class Conditional:
    """``[[ … ]]``: its words and operators in order, operators (``&& || ! ( ) < > == -f`` …) as plain words."""

    span: Span
    words: tuple[Word, ...]
    redirects: tuple[Redirect, ...]


@dataclass(frozen=True, slots=True)
class ArithmeticCommand:
    span: Span
    expression: Word
    redirects: tuple[Redirect, ...]


@dataclass(frozen=True, slots=True)
class Coproc:
    span: Span
    name: str
    command: Command


Command = (
    Simple
    | Pipeline
    | AndOr
    | Subshell
    | Group
    | If
    | For
    | ArithmeticFor
    | While
    | Case
    | Function
    | Conditional
    | ArithmeticCommand
    | Coproc
)
