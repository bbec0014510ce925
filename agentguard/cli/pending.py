"""``agentguard pending``: what waits for an answer."""

from __future__ import annotations

import json

import click


@click.command("pending")
@click.option("--json", "as_json", is_flag=True, help="Print a JSON list.")
def command(as_json: bool) -> int:
    """List the requests that wait for a person."""
    from agentguard.confirm import requests
    from agentguard.output_requests import listing

    waiting = requests.pending()
    if not as_json:
        listing(waiting)
        return 0
    shown = [
        {
            "id": request.id,
            "command": request.text,
            "cwd": request.cwd,
            "reason": request.reason,
            "created": request.created,
            "expires": request.until,
            "findings": [
                {
                    "rule": noted.rule,
                    "title": noted.title,
                    "severity": noted.severity,
                    "target": noted.target,
                    "environment": noted.environment,
                }
                for noted in request.findings
            ],
        }
        for request in waiting
    ]
    click.echo(json.dumps(shown, indent=2))
    return 0
