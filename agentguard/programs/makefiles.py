"""make: the recipe lines of the targets that would be made, read from the makefile."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence

from agentguard.interpret.invocation import Effect, InnerScript, Invocation
from agentguard.interpret.values import EMPTY, NOTHING, Origin, Value, concat, literal, unknown
from agentguard.light import dataclass, field
from agentguard.operations import Opaque, ProgramCall
from agentguard.programs.contract import absolute, environment, read_text
from agentguard.programs.make_syntax import Assignment, Rule, parts
from agentguard.programs.streams import cut, standard_input
from agentguard.world.protocol import World

#: Recipe lines that are followed.
MAX_LINES = 200
MAX_DEPTH = 12
#: Makefiles that one makefile may include.
MAX_INCLUDED = 50
#: References that are followed; one with a long value counts more.
MAX_STEPS = 20_000
#: Known and unknown pieces of one text that are kept apart.
MAX_PIECES = 500


def _joined(line: str) -> str:
    """A line of a recipe as the shell gets it."""
    return re.sub(r"\\\n\t?", "\\\\\n", line).strip()


@dataclass(slots=True)
class _Target:
    prerequisites: list[str] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Makefile:
    """Rules by target in their order, variables as written, commands that reading it runs."""

    rules: dict[str, _Target] = field(default_factory=dict)
    variables: dict[str, str] = field(default_factory=dict)
    at_reading: list[str] = field(default_factory=list)
    includes: bool = False  # whether some makefile that belongs to it was not read
    goal: str = ""
    opened: Callable[[str], Sequence[str]] = lambda _: ()  # the texts of the makefiles that a name or pattern means
    included: set[str] = field(default_factory=set)

    def read(self, text: str) -> None:
        """Add the text of a makefile. Conditionals are read as if each branch were taken."""
        for part in parts(text):
            if isinstance(part, Assignment):
                if not part.targets:
                    self._assign(part.name, part.how, part.value)
            elif isinstance(part, Rule):
                self._rule(part)
            elif part.kind == "include":
                self._include(part.text)
            elif part.kind == "function":
                self.at_reading.append(part.text)

    def _include(self, names: str) -> None:
        for name in self._expanded_names(names):
            if name in self.included:
                continue
            self.included.add(name)
            texts = self.opened(name) if len(self.included) <= MAX_INCLUDED and "$" not in name else ()
            if not texts:
                self.includes = True
            for text in texts:
                self.read(text)

    def _rule(self, rule: Rule) -> None:
        for target in self._expanded_names(rule.targets):
            found = self.rules.setdefault(target, _Target())
            found.prerequisites += rule.prerequisites.replace("|", " ").split()
            found.lines += [_joined(line) for line, _ in rule.recipe if line.strip()]
            if not self.goal and not target.startswith(".") and "%" not in target:
                self.goal = target

    def _expanded_names(self, text: str) -> list[str]:
        for _ in range(3):
            text = re.sub(r"\$[({]([\w.-]+)[)}]", lambda m: self.variables.get(m[1], ""), text)
        return text.split()

    def _assign(self, name: str, how: str, value: str) -> None:
        if how == "!":
            self.at_reading.append(f"$(shell {value})")
        elif how == "?" and name in self.variables:
            return
        if how.startswith(":") and "$(shell" in value:
            self.at_reading.append(value)
        if how == "+":
            value = f"{self.variables.get(name, '')} {value}".strip()
        if name == ".DEFAULT_GOAL":
            self.goal = value.strip()
        self.variables[name] = value

    def rule(self, target: str) -> tuple[_Target, str] | None:
        """The rule of a target and the stem of the pattern that fits."""
        found = self.rules.get(target)
        if found is not None:
            return found, ""
        for pattern, rule in self.rules.items():
            head, percent, tail = pattern.partition("%")
            if percent and target.startswith(head) and target.endswith(tail) and len(target) > len(head + tail):
                return rule, target[len(head) : len(target) - len(tail)]
        return None


def make(call: ProgramCall, invocation: Invocation, world: World) -> Iterator[Effect]:
    """GNU make."""
    if call.has("--help", "--version", "-h", "-v"):
        return
    for word in call.operands:
        if word.prefix.startswith("SHELL=") and not re.fullmatch(r"SHELL=[\w./-]+", word.known or ""):
            yield InnerScript(cut(word, 6), "make SHELL")
    directory = call.value("--directory")
    cwd = absolute(directory, invocation) if directory is not None else invocation.cwd
    texts = [_eval_text(value) for value in call.values("--eval")]
    files = list(call.values("--file"))
    if not files and not (texts and call.operands):
        files = _default(cwd, invocation, world)
    sources: frozenset[str] = NOTHING

    def opened(name: str) -> list[str]:
        nonlocal sources
        found: list[str] = []
        for file in _matching(name, cwd, world):
            text = read_text(_below(cwd, literal(file)), invocation, world)
            if text.known is not None:
                sources |= text.sources
                found.append(text.known)
        return found

    made = Makefile(opened=opened)
    for path in files:
        text = standard_input(invocation) if path.known == "-" else read_text(_below(cwd, path), invocation, world)
        if text.known is None:
            yield Opaque(f"the makefile {path} cannot be read here")
            continue
        if path.known != "-":
            sources |= text.sources
        texts.append(text.known)
    if not texts:
        if not files:
            yield Opaque("the makefile cannot be read here")
        return
    for source in texts:
        made.read(source)
    goals = []
    overrides: dict[str, str] = {}
    for word in call.operands:
        known = word.known or ""
        name, equals, value = known.partition("=")
        if equals and re.fullmatch(r"[\w.-]+:?\??", name):
            overrides[name.rstrip(":?")] = value
        elif word.known is not None:
            goals.append(known)
    made.variables.update(overrides)
    if made.includes:
        yield Opaque("the makefile includes others, which are not read")
    run = _Run(made, invocation, world, cwd, sources)
    yield from run.reading()
    if not call.has("--just-print", "--question", "--touch"):
        yield from run.targets(goals or [made.goal])


def _eval_text(value: Value) -> str:
    return value.known or ""


def _below(cwd: Value, path: Value) -> Value:
    return path if path.prefix.startswith("/") else concat((cwd, literal("/"), path))


def _matching(name: str, cwd: Value, world: World) -> list[str]:
    """The files that a name in an ``include`` means: itself, or what its last part with a pattern fits."""
    if not any(sign in name for sign in "*?["):
        return [name]
    from fnmatch import filter as fitting

    folder, slash, pattern = name.rpartition("/")
    where = _below(cwd, literal(folder or ".")).known
    names = world.listing(where) if where is not None else None
    return [folder + slash + file for file in sorted(fitting(names or (), pattern))]


def _default(cwd: Value, invocation: Invocation, world: World) -> list[Value]:
    for name in ("GNUmakefile", "makefile", "Makefile"):
        if read_text(_below(cwd, literal(name)), invocation, world).known is not None:
            return [literal(name)]
    return []


@dataclass(slots=True)
class _Run:
    """One run of make over a read makefile."""

    made: Makefile
    invocation: Invocation
    world: World
    cwd: Value
    sources: frozenset[str]
    done: set[str] = field(default_factory=set)
    lines: int = 0
    steps: int = 0
    shells: list[Value] = field(default_factory=list)

    def reading(self) -> Iterator[Effect]:
        for text in self.made.at_reading:
            self.expand(text, {})
            yield from self.evaluated()

    def evaluated(self) -> Iterator[Effect]:
        """The commands that expanding ran."""
        commands, self.shells = self.shells, []
        for command in commands:
            yield InnerScript(self.script(command), "make $(shell)", cwd=self.cwd)

    def targets(self, goals: list[str]) -> Iterator[Effect]:
        for goal in goals:
            yield from self.target(goal, 0)

    def target(self, name: str, depth: int) -> Iterator[Effect]:
        if name in self.done or depth > MAX_DEPTH or self.lines > MAX_LINES:
            return
        self.done.add(name)
        found = self.made.rule(name)
        if found is None:
            return
        rule, stem = found
        needed = " ".join(rule.prerequisites)
        prerequisites = str(self.expand(needed, {})).replace("%", stem or "%").split()
        yield from self.evaluated()
        for one in prerequisites:
            yield from self.target(one, depth + 1)
        automatic = {
            "@": name,
            "<": prerequisites[0] if prerequisites else "",
            "^": " ".join(prerequisites),
            "+": " ".join(prerequisites),
            "*": stem,
        }
        if ".ONESHELL" in self.made.rules and rule.lines:
            yield self.line("\n".join(rule.lines), automatic, name)
            return
        for line in rule.lines:
            self.lines += 1
            if self.lines > MAX_LINES:
                yield Opaque("the makefile is too long to follow to its end")
                return
            yield self.line(line, automatic, name)
            yield from self.evaluated()

    def line(self, line: str, automatic: Mapping[str, str], name: str) -> InnerScript:
        text = self.expand(line.lstrip("@-+ \t"), automatic)
        return InnerScript(self.script(text), f"make {name}", cwd=self.cwd)

    def script(self, text: Value) -> Value:
        return Value(text.pieces, text.sources | self.sources)

    # ------------------------------------------------------------------------------- variables

    def expand(self, text: str, automatic: Mapping[str, str], depth: int = 0) -> Value:
        """``$(NAME)``, ``${NAME}``, ``$X`` and ``$$``; functions are unknown."""
        parts: list[Value] = []
        index = 0
        while (dollar := text.find("$", index)) >= 0 and dollar + 1 < len(text):
            parts.append(literal(text[index:dollar]))
            c = text[dollar + 1]
            if c in "({":
                end = _closing(text, dollar + 1)
                parts.append(self.reference(text[dollar + 2 : end], automatic, depth))
                index = end + 1
            else:
                parts.append(literal("$") if c == "$" else self.reference(c, automatic, depth))
                index = dollar + 2
        parts.append(literal(text[index:]))
        found = concat(parts)
        if len(found.pieces) > MAX_PIECES:
            return Value((*found.pieces[:1], unknown(Origin.VARIABLE, "make", many=True).pieces[0]), found.sources)
        return found

    def reference(self, name: str, automatic: Mapping[str, str], depth: int) -> Value:
        if name in automatic:
            return literal(automatic[name])
        if name.startswith("shell ") and depth <= 8:
            command = self.expand(name[6:], automatic, depth + 1)
            if command not in self.shells:
                self.shells.append(command)
            return unknown(Origin.OUTPUT, "make $(shell)", many=True)
        if depth > 8:
            return unknown(Origin.VARIABLE, name, many=True)
        if name in self.made.variables:
            written = self.made.variables[name]
            self.steps += 1 + len(written) // 100
            if self.steps > MAX_STEPS:
                return unknown(Origin.VARIABLE, name, many=True)
            return self.expand(written, automatic, depth + 1)
        if re.fullmatch(r"[\w.-]+", name):
            if name in _DEFAULTS:
                return literal(_DEFAULTS[name])
            if name == "CURDIR":
                return self.cwd
            value = environment(name, self.invocation, self.world)
            # what is included, and not read, may set it
            return value or (unknown(Origin.VARIABLE, name, many=True) if self.made.includes else EMPTY)
        substitution = re.fullmatch(r"([\w.-]+):([^=]*)=(.*)", name)
        if substitution and substitution[1] in self.made.variables and self.steps <= MAX_STEPS:
            self.steps += 1
            words = str(self.expand(self.made.variables[substitution[1]], automatic, depth + 1)).split()
            old, new = substitution[2].replace("%", ""), substitution[3].replace("%", "")
            return literal(" ".join(w.removesuffix(old) + new if w.endswith(old) else w for w in words))
        function = re.match(r"([a-z-]+)\s+(.*)", name, re.DOTALL)
        if function and function[1] in ("strip", "abspath", "realpath", "sort", "firstword", "info", "call"):
            return self.expand(function[2], automatic, depth + 1) if function[1] != "call" else unknown(Origin.OUTPUT)
        return unknown(Origin.OUTPUT, f"make {name[:20]}", many=True)


_DEFAULTS = {"RM": "rm -f", "CC": "cc", "CXX": "g++", "MAKE": "make", "AR": "ar", "SHELL": "/bin/sh", "MAKEFLAGS": ""}


def _closing(text: str, at: int) -> int:
    opening = text[at]
    closing = ")" if opening == "(" else "}"
    depth = 0
    for index in range(at, len(text)):
        depth += (text[index] == opening) - (text[index] == closing)
        if not depth:
            return index
    return len(text)
