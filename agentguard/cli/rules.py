"""``agentguard rules``: what the rules are, whether they hold, and new ones of one's own."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache

import click

from agentguard.cli.main import FAILED
from agentguard.cli.newrule import MATCHERS
from agentguard.frontdoor import FrontDoor
from agentguard.policy import user_rules
from agentguard.rulebook.model import Rule


@click.group("rules")
def command() -> None:
    """List, show, prove and write rules."""


@command.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.argument("pattern", default="*")
def list_rules(as_json: bool, pattern: str) -> None:
    """List the rules whose id fits PATTERN, a glob."""
    from agentguard import output

    rules = _matching(pattern)
    if as_json:
        click.echo(json.dumps([_summary(rule) for rule in rules], indent=2))
    else:
        output.rule_table(rules)
    output.left_out(_door().rulebook().problems)


@command.command("show")
@click.argument("rule_id")
def show(rule_id: str) -> int:
    """Show one rule with its proof."""
    from agentguard import output

    for rule in _matching(rule_id):
        output.rule_page(rule)
        return 0
    output.error(f"no rule {rule_id}; agentguard rules list shows all")
    return FAILED


@command.command("test")
@click.argument("pattern", default="*")
def test(pattern: str) -> int:
    """Judge the examples of rules, through the same way as any command.

    PATTERN is a glob on their ids, or a pack file: a name with a slash or ending in .toml. Exit status 1: an example
    does not come out as it says, or a pack does not load.
    """
    from agentguard import output
    from agentguard.cli import proving

    if proving.is_file(pattern):
        try:
            rulebook, rules, problems = proving.read(pattern, user_rules())
        except OSError as error:
            output.error(f"{pattern} cannot be read: {error.strerror}")
            return FAILED
    else:
        rulebook, rules, problems = _door().rulebook(), _matching(pattern), list(_door().rulebook().problems)
        if not rules:
            output.error(f"no rule fits {pattern}; agentguard rules list shows all")
            return FAILED
    broken = 0
    for lines in proving.report(rules, rulebook):
        broken += 1
        click.echo("\n".join(map(output.visible, lines)))
    examples = sum(len(rule.stop) + len(rule.run) for rule in rules)
    counted = f"{_some(len(rules), 'rule')}, {_some(examples, 'example')}"
    click.echo(f"{counted}: {_some(broken, 'problem') if broken else 'all hold'}")
    output.left_out(problems)
    return 1 if broken or problems else 0


@command.command("new")
@click.argument("rule_id")
@click.option("--kind", type=click.Choice(tuple(MATCHERS)), default="call", help="What the rule is about.")
@click.option("--output", type=click.Path(dir_okay=False), help="Write this new file, not your own rules.")
@click.option("--title", help="What it does, in a few words; {target} is filled in.")
@click.option("--loses", help="What is lost.")
@click.option("--instead", help="A command or a sentence.")
@click.option("--severity", type=click.Choice(["critical", "high", "medium", "low"]), default="high", help="How bad.")
@click.option("--reversible", type=click.Choice(["no", "grace", "partly", "yes"]), default="no", help="Undoing it.")
@click.option("--program", help="The program it is about.")
@click.option("--subcommand", help="Its sub-command, like 'volume delete'.")
@click.option("--option", "options", multiple=True, help="One of these options must be given; repeatable.")
@click.option("--operand", help="A regular expression that some operand must match.")
@click.option("--stop", multiple=True, help="A command it must stop; at least two.")
@click.option("--run", multiple=True, help="A near miss it must let run; at least two.")
def new(rule_id: str, kind: str, output: str | None, **given: object) -> int:
    """Write a rule of your own. RULE_ID is PACK.NAME.

    Without more, a draft with comments is written to ~/.config/agentguard/rules/PACK.toml, and its texts and examples
    are yours to fill in. With --title, --loses, --instead, --program, --stop and --run it is proved first. Nothing
    that is there already is changed.
    """
    from agentguard.cli import newrule
    from agentguard.output import error

    whole = kind == "call" and output is None and all(given[name] for name in newrule.NEEDED)
    try:
        path = newrule.write(rule_id, given) if whole else newrule.draft(rule_id, kind, given, output)
    except newrule.RuleRefused as refused:
        for reason in refused.reasons:
            error(reason)
        return FAILED
    click.echo(f"written to {path}")
    if not whole:
        click.echo(f"fill it in, then: agentguard rules test {path}")
    return 0


@command.command("guide")
def guide() -> None:
    """Print how to write a rule from a real command, with two worked examples."""
    import os

    from agentguard.rulebook.installed import installed

    with open(os.path.join(installed(), "GUIDE.md"), encoding="utf-8") as file:
        click.echo(file.read(), nl=False)


def _some(count: int, what: str) -> str:
    return f"{count} {what}" if count == 1 else f"{count} {what}s"


@cache
def _door() -> FrontDoor:
    return FrontDoor()


def _matching(pattern: str) -> list[Rule]:
    from fnmatch import fnmatchcase

    return [rule for rule in _door().rulebook().rules if fnmatchcase(rule.id, pattern)]


def _summary(rule: Rule) -> Mapping[str, object]:
    return {
        "id": rule.id,
        "title": rule.title,
        "severity": rule.severity.name.lower(),
        "reversible": rule.reversible,
        "floor": rule.floor,
        "loses": rule.loses,
        "instead": rule.instead,
        "pack": rule.pack,
    }
