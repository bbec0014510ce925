"""``agentguard config``: what holds here and which file says so, checking a file, and changing one's own."""

from __future__ import annotations

import json
import os

import click

from agentguard.cli.main import FAILED
from agentguard.config import ConfigError

EXAMPLE = """\
# ~/.config/agentguard/config.toml. Every line is optional; what is written out as a comment shows another choice.
# /etc/agentguard/config.toml is read in the same format and wins; it must be writable by root alone.
# A project's .agentguard.toml may only tighten: a stricter mode, [environments.production], [[protect]].

mode = "standard"            # observe: report and run · standard: ask · strict: block where nobody can be asked
shell = "/bin/bash"          # the real shell, by its absolute path
interactive = "human"        # a plain shell without a command: human (at their own terminal) · always · never

[confirm]
wait = 20                    # seconds that a stopped command waits for an answer from elsewhere, 0 to 3600
expires = 10                 # minutes that an approval stays good
notify = true                # show a desktop notification when something is asked

[audit]
size = 16                    # MiB in one file of the log
keep = 8                     # older files of the log that are kept

# Names that mean an environment. Known words (prod, staging, localhost …) need no entry.
# Kinds: hosts databases kube_contexts railway branches projects profiles; * and ? as in file names.
[environments.production]
hosts = ["db.example.com", "*.live.example.com"]
databases = ["shop"]
kube_contexts = ["eks-main"]
branches = ["live"]

[environments.staging]
hosts = ["*.stage.example.com"]

# Paths that are asked about whatever spelling a command finds for them: read, write, delete, chmod.
[[protect]]
paths = ["~/notes", "/srv/data/**"]
stops = ["write", "delete"]
reason = "the only copy"

[[protect]]
paths = ["~/.config/payroll"]
stops = ["read", "write", "delete", "chmod"]
reason = "nothing for an agent"

# Lifts a rule. Nothing lifts the few rules on the floor, such as deleting the home directory.
[[allow]]
rule = "git.push-force*"     # a glob on the rule's id, as a refusal names it
reason = "my own fork, nobody else pushes there"
expires = 2027-01-31         # the last day (UTC)
# all optional: the directory that the call stays in; the target, where * stays within a word and ** is anything;
# the environment: production, staging, local, unknown or a name of your own
scope = { directory = "~/fork", target = "origin/*" }

# Only for agentguard scan: files it leaves out, and findings that somebody has looked at.
[scan]
exclude = ["vendor/**"]

[[scan.ignore]]
rule = "files.*"
paths = ["tools/reset.sh"]
reason = "resets the test bench, and only that"
"""


@click.group("config")
def command() -> None:
    """Show, check and change the configuration."""


@command.command("show")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def show(as_json: bool) -> int:
    """Show every value that holds in this directory, and the file and line that says so."""
    from agentguard import output
    from agentguard.effective import effective
    from agentguard.frontdoor import working_directory

    try:
        values, warnings = effective(working_directory())
    except ConfigError as error:
        output.error(str(error))
        return 1
    if as_json:
        rows = [{"key": v.key, "value": v.value, "layer": v.layer, "file": v.file, "line": v.line} for v in values]
        click.echo(json.dumps({"values": rows, "warnings": list(warnings)}, indent=2))
        return 0
    from agentguard.output_config import config_table

    config_table(values)
    for warning in warnings:
        output.error(warning)
    return 0


@command.command("check")
@click.argument("file", required=False, type=click.Path())
def check(file: str | None) -> int:
    """Check FILE, or every file that holds in this directory. Exit status 1 where there is something to mend."""
    from agentguard import output
    from agentguard.effective import checked
    from agentguard.frontdoor import working_directory

    found = checked(working_directory(), file)
    for path, complaints in found:
        for complaint in complaints or (f"{path}: fine",):
            click.echo(output.visible(complaint))
    if not found:
        click.echo("no configuration file; the defaults hold")
    return 1 if any(complaints for _, complaints in found) else 0


@command.command("set")
@click.argument("key")
@click.argument("value")
def set_value(key: str, value: str) -> int:
    """Set KEY (mode, shell, interactive, confirm.wait …) to VALUE in your own file. Only a person may do this."""
    from agentguard import output
    from agentguard.confirm import approver
    from agentguard.policy import user_config

    if why := approver.refusal(os.environ):
        output.error(f"config set: {why}; nothing was changed")
        return FAILED
    from agentguard.config_writing import write

    try:
        path = write(user_config(), key, value)
    except (ConfigError, OSError) as error:
        output.error(f"{error}; nothing was changed")
        return FAILED
    click.echo(f"{key} is set in {path}")
    return 0


@command.command("path")
def path() -> None:
    """Print where the configuration files lie: managed, user, then the project files that exist."""
    from agentguard.frontdoor import working_directory
    from agentguard.policy import MANAGED, project_files, user_config

    here = [name for name in project_files(working_directory()) if os.path.lexists(name)]
    for name in (MANAGED, user_config(), *here):
        click.echo(name)


@command.command("example")
def example() -> None:
    """Print a complete configuration file with comments."""
    click.echo(EXAMPLE, nl=False)
