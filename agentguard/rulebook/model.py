"""The vocabulary of the rulebook: what a pack file may hold, and what matching gives.

A pack is one TOML file::

    [pack]
    id = "git"                      # every rule id starts with it
    summary = "git"
    source = "git 2.39 manual pages"

    [[program]]                     # option tables, see programs/options.py
    names = ["git"]
    value = "-C -c --git-dir --work-tree"
    [program.sub.push]
    value = "-o --push-option"
    same = ["-f --force", "-d --delete"]

    [[rule]]
    id = "git.push-force"
    title = "overwrites the remote branch {target}"
    severity = "high"               # critical | high | medium | low
    reversible = "partly"           # no | grace | partly | yes
    loses = "commits that others pushed"
    instead = "git push --force-with-lease"       # a command or one sentence
    floor = false                   # true: no mode and no approval lifts it
    maybe = "ask"                   # what a MAYBE means: ask | supervise | ignore (default: ask for critical
                                    # and high, supervise for the rest)
    severity_in = { local = "low", staging = "medium" }   # by the environment of the target

    [rule.call]                     # exactly one matcher: call files http graphql sql credential code tamper
    program = "git"                 #   bomb device opaque
    subcommand = ["push"]
    any = ["--force"]

    [rule.when]                     # all of these hold        (conditions, see CONDITIONS)
    [rule.unless]                   # none of these holds

    [rule.examples]
    stop = ['git push --force']
    run = ['git push', { command = 'git reset --hard', git = "clean" }]

Matchers (each key given must match; a list holds alternatives; keys with ``no_`` or ``not_`` exclude):

call        program (a name or alias; ``*`` any), subcommand (["volume delete", "* rm"]: the words of the path as a
            prefix, ``*`` any word), verb / not_verb / within (for programs with many nouns: of the first ``within``
            words (default 4) after the sub-command, the first that fits one of both lists of globs fits ``verb``),
            any / all / none (option names in any spelling: one, every one, none of them is given), values /
            no_values (option → regex: some value of it matches, none does; several options stand for one of them and
            are parted by blanks), operand / no_operand (regexes searched
            in each operand), first / last (regexes on that operand), min_operands, max_operands, dashes (whether
            ``--`` is given), env (name → regex), stdin (regex), place (regex). A call with ``--help`` only matches
            rules on any program
files       action (delete overwrite append replace move chmod read wipe), path / not_path (path classes), name /
            not_name (globs on the last component, or on the whole path if they hold a slash), recursive, mode (regex)
device      device (regex)
http        host / not_host (globs, or ``@name`` of an [[endpoint]]), not_endpoint (``@name``: left alone at these
            addresses), port, method, path / not_path (``/v1/users/{id}``, also ``PUT /v1/users/{id}``:
            ``{x}`` one segment, also inside one: ``{name}:delete``; ``**`` any number; ``{n}`` a version number),
            verb / not_verb (globs on the words of the last path segment: ``bulk-delete`` and ``key:destroy`` have
            the verbs delete and destroy; ``not_verb`` on all its words joined with ``-``),
            query (name → regex), header (name → regex), body (regex on the text), credentials
graphql     endpoint (``@name`` or host globs), kind, field / not_field (globs on root fields), arguments (dotted name,
            or its end, → regex)
sql         verb (``UNKNOWN`` only where listed), object, name (regex), where, detail / not_detail, engine; statements
            that are rolled back match nothing
credential  how (read print hunt send commit use), source (globs)
code        origin, interpreter
tamper      what
bomb, opaque  no keys, or ``why`` (regex)

Regexes are python's, searched anywhere unless anchored; ``.`` matches a newline. Sub-commands and flags that a rule
names become part of the option table by themselves; an option in ``values`` must be one that takes a value there.

A word that is not known before running makes a match MAYBE. It is *firm* where something seen speaks for the rule
(``git push --force origin $BRANCH`` for a rule on ``--force`` and ``main``), and not where merely nothing speaks
against it (``git push "$@"``); then it is supervised whatever the severity, unless the rule says ``maybe``.

An ``[[endpoint]]`` gives hosts and paths a name: ``id = "railway"``, ``hosts = ["backboard.railway.com"]``,
``paths = ["/graphql/v2"]``. A rule finds the endpoints of its own pack first, then those of all packs. The paths of an
endpoint hold for ``http`` rules that give no ``path`` of their own.

Conditions: ``when`` needs every key, ``unless`` excuses by any one. An unknown environment counts as production for
critical rules; for others ``when = { environment = ["production"] }`` is a MAYBE there.

``python -m agentguard.rulebook.check --prove rules/x.toml`` checks a pack and judges its examples.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntEnum

from agentguard.interpret.invocation import Invocation
from agentguard.interpret.values import Truth
from agentguard.light import dataclass
from agentguard.operations import Operation


class Severity(IntEnum):
    LOW = 0
    MEDIUM = 1
    HIGH = 2
    CRITICAL = 3


#: Conditions of ``when`` and ``unless``; several keys in one table must all hold.
CONDITIONS = {
    "git": "state of the repository in the working directory: dirty, untracked, clean, none, unpushed, stash",
    "branch": "protected or other: the branch that is hit (push target, checked-out branch)",
    "environment": "production, staging, local or unknown: where the target lies",
    "place": "regex on where it runs (``ssh host``, ``container x``); '' is this machine",
    "tag": "a tag of the invocation: privileged, background, captured (its output is not shown)",
    "env": "name → regex: a variable in the environment of the call",
    "file": "a glob, relative to the working directory, that exists",
}


@dataclass(frozen=True, slots=True)
class Example:
    """A command of ``rule.examples`` and the project it is judged in (``needs`` as in the labelled cases)."""

    command: str
    needs: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Rule:
    id: str
    title: str
    severity: Severity
    reversible: str
    loses: str
    instead: str
    floor: bool
    maybe: str
    kind: str
    matcher: Mapping[str, object]
    when: Mapping[str, object]
    unless: Mapping[str, object]
    severity_in: Mapping[str, Severity]
    stop: tuple[Example, ...]
    run: tuple[Example, ...]
    pack: str
    source: str


@dataclass(frozen=True, slots=True)
class Finding:
    """One rule that holds (or may hold) for one operation, with everything a person needs to read.

    ``target`` is what is hit (``volume 8f0c…``, ``db.prod.example.com/shop``, ``/home/dev``); ``environment`` one of
    production, staging, local, unknown. ``title`` and ``loses`` have their ``{target}`` filled in. ``decision`` is
    what the certainty and the rule's ``maybe`` came to: ask, supervise or ignore.
    """

    rule: str
    title: str
    severity: Severity
    certainty: Truth
    reversible: str
    loses: str
    instead: str
    floor: bool
    decision: str
    target: str
    environment: str
    operation: Operation
    invocation: Invocation
