"""``agentguard rules``: what the rules are, whether they hold, and new ones of one's own."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache

import click

from agentguard.cli.main import FAILED
from agentguard.frontdoor import FrontDoor
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
    """Judge the examples of the rules whose id fits PATTERN, through the same way as any command."""
    from agentguard import output
    from agentguard.rulebook.prove import prove

    broken = 0
    rules = _matching(pattern)
    for failure in prove(rules, _door().rulebook()):
        broken += 1
        click.echo(output.visible(str(failure)))
    examples = sum(len(rule.stop) + len(rule.run) for rule in rules)
    click.echo(f"{len(rules)} rules, {examples} examples: {f'{broken} fail' if broken else 'all hold'}")
    problems = _door().rulebook().problems
    output.left_out(problems)
    return 1 if broken or problems else 0


@command.command("new")
@click.argument("rule_id")
@click.option("--title", required=True, help="What it does, in a few words; {target} is filled in.")
@click.option("--loses", required=True, help="What is lost.")
@click.option("--instead", required=True, help="A command or a sentence.")
@click.option("--severity", type=click.Choice(["critical", "high", "medium", "low"]), default="high")
@click.option("--reversible", type=click.Choice(["no", "grace", "partly", "yes"]), default="no")
@click.option("--program", required=True, help="The program it is about.")
@click.option("--subcommand", help="Its sub-command, like 'volume delete'.")
@click.option("--option", "options", multiple=True, help="One of these options must be given; repeatable.")
@click.option("--operand", help="A regular expression that some operand must match.")
@click.option("--stop", multiple=True, help="A command it must stop; at least two.")
@click.option("--run", multiple=True, help="A near miss it must let run; at least two.")
def new(rule_id: str, **given: object) -> int:
    """Write a rule of your own, after proving it. RULE_ID is PACK.NAME."""
    from agentguard import output
    from agentguard.cli.newrule import RuleRefused, write

    try:
        path = write(rule_id, given)
    except RuleRefused as refused:
        for reason in refused.reasons:
            output.error(reason)
        return FAILED
    click.echo(f"written to {path}")
    return 0


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
