"""The command line: one file per command, imported when it is used."""

from __future__ import annotations

import sys
from importlib import import_module

import click

FAILED = 125

#: command name → module with a click command of the name ``command``, and its line in ``--help``
COMMANDS = {
    "approve": "agentguard.cli.approve",
    "check": "agentguard.cli.check",
    "completions": "agentguard.cli.completions",
    "config": "agentguard.cli.config",
    "deny": "agentguard.cli.deny",
    "exec": "agentguard.cli.execute",
    "explain": "agentguard.cli.explain",
    "install": "agentguard.cli.install",
    "log": "agentguard.cli.log",
    "passphrase": "agentguard.cli.passphrase",
    "pending": "agentguard.cli.pending",
    "rules": "agentguard.cli.rules",
    "scan": "agentguard.cli.scan",
    "shell-dir": "agentguard.cli.shelldir",
    "uninstall": "agentguard.cli.uninstall",
    "version": "agentguard.cli.version",
    "watch": "agentguard.cli.watch",
}


class LazyGroup(click.Group):
    """A group that imports a command's module only when that command is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = import_module(COMMANDS[cmd_name]).command
        return command


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
def cli() -> None:
    """Understands what a shell command would really do, and stops what cannot be taken back."""


def main() -> None:
    """Run the command line. A failure of agentguard's own, wrong usage included, is exit status 125."""
    try:
        # click's own completion would answer before any command is judged, with status 0, if a variable says so;
        # ours are static files, so the variable gets a name that no variable can have
        status = cli.main(prog_name="agentguard", standalone_mode=False, complete_var="=")
    except click.exceptions.Exit as error:
        status = error.exit_code
    except click.Abort:
        status = 130
    except click.ClickException as misuse:
        misuse.show()
        status = FAILED
    except Exception as error:  # whatever it is, it is one line and an exit status, never a traceback
        from agentguard import output
        from agentguard.frontdoor import describe

        output.error(f"failed: {describe(error)}; nothing was run")
        status = FAILED
    sys.exit(status if isinstance(status, int) else 0)
