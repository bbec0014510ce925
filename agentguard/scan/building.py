"""What several readers of formats need: text put together from scalars, and placeholders for what is filled in."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from agentguard.programs.first_line import command as first_line
from agentguard.programs.shell_arguments import ShellArgumentError, parse
from agentguard.scan.files import SHELLS
from agentguard.scan.places import Lines, Piece

#: ``${{ … }}`` of a workflow, ``{{ … }}`` of just and task.
EXPRESSION = re.compile(r"\$\{\{.*?\}\}", re.DOTALL)
BRACES = re.compile(r"\{\{.*?\}\}", re.DOTALL)


def unknown(length: int) -> str:
    """A reference to a variable of which nothing is known, exactly so long; it needs three characters."""
    return "${" + "_" * (length - 3) + "}" if length > 4 else "$" + "_" * (length - 1)


def filled(text: str, pattern: re.Pattern[str]) -> str:
    """The text with everything that is filled in later as an unknown variable of the same length."""
    return pattern.sub(lambda found: unknown(len(found[0])), text)


def joined(lines: Lines, parts: Iterable[Sequence[Piece]], end: str = "\n") -> tuple[str, list[tuple[int, int, int]]]:
    """Texts one after the other, each with ``end`` behind it, and the marks of all."""
    pieces: list[str] = []
    marks: list[tuple[int, int, int]] = []
    length = 0
    for part in parts:
        for text, at in part:
            marks.append((length, *lines.at(at)))
            pieces.append(text)
            length += len(text)
        pieces.append(end)
        length += len(end)
    return "".join(pieces), marks or [(0, 1, 1)]


def words(parts: Iterable[Sequence[Piece]]) -> list[list[Piece]]:
    """Words of a command that no shell splits, quoted so that one would give them back."""
    found: list[list[Piece]] = []
    for part in parts:
        at = part[0][1] if part else 0
        if len(part) == 1 and re.fullmatch(r"[\w./:=@%+,-]+", part[0][0]):
            found.append([part[0]])
            continue
        last = part[-1][1] + len(part[-1][0]) if part else at
        quoted = [(text.replace("'", "'\\''"), place) for text, place in part]
        found.append([("'", at), *quoted, ("'", last)])
    return found


def shell_of(command: str) -> tuple[bool, str]:
    """Whether a shell's command line (``bash -e {0}``) is one that is read, and its options as shell text.

    One that nobody knows before it runs (``@SHELL@``) is taken for one that is.
    """
    words = words_of(command)
    name = words[0] if words else ""
    if not re.fullmatch(r"[\w.+-]+", name):
        return True, ""
    return (True, options(name, words[1:])) if name in SHELLS else (False, "")


def words_of(command: str) -> list[str]:
    """The words of a command line from the name of its program on; ``env`` and ``sudo`` are seen through."""
    words = command.split()
    while words and words[0].rsplit("/", 1)[-1] in ("env", "sudo"):
        words = words[1:] if words[0].endswith("sudo") else first_line(f"#!{' '.join(words)}")
    return [words[0].rsplit("/", 1)[-1].removesuffix(".exe"), *words[1:]] if words else []


def options(shell: str, words: Sequence[str]) -> str:
    """The options among the words behind a shell's name as shell text; "" where bash would refuse them."""
    try:
        call = parse([*words, "script"], called=shell)  # a format leaves out the script that its shell is given
    except ShellArgumentError:
        return ""
    given = [f"-o {name}" for name, on in call.settings.items() if on and name != "posix"]
    return " ".join(["set", *given]) if given else ""


def exports(pairs: Iterable[tuple[str, str]]) -> str:
    """Shell text that sets variables to what is known of them."""
    return "\n".join(
        f"export {name}='{value}'"
        for name, value in pairs
        if re.fullmatch(r"[A-Za-z_]\w*", name) and not re.search(r"[$'\n]|\{\{", value)
    )


def before(*texts: str) -> str:
    """Pieces of shell text, one a line, without the empty ones."""
    return "\n".join(text for text in texts if text)
