"""Which remote and which branches a ``git push`` hits."""

from __future__ import annotations

from agentguard.interpret.invocation import Invocation
from agentguard.operations import Operation, ProgramCall
from agentguard.programs.git_place import place
from agentguard.world.environments import UNKNOWN, classify, strictest
from agentguard.world.protocol import Repository, World


def target(operation: Operation, invocation: Invocation, world: World) -> tuple[str, str] | None:
    """``origin/main`` for each branch that is hit, as words or configuration say; None for other git commands."""
    assert isinstance(operation, ProgramCall)
    if operation.subcommand != ("push",):
        return None
    repository = place(operation, invocation, world).repository
    words = [str(word) for word in operation.operands]
    branch = (repository.branch or "") if repository is not None else ""
    named = operation.value("--repo")
    remote = words[0] if words else str(named) if named is not None else _remote(branch, repository)
    refs = [name for word in words[1:] if (name := destination(word, branch))]
    if operation.has("--mirror", "--all", "--branches"):
        refs = refs or ["all branches"]
    elif operation.has("--tags") and not refs:
        refs = ["all tags"]
    refs = refs or [branch]
    joint = " " if ":" in remote or "/" in remote else "/"
    names = [f"{remote}{joint}{ref}" if ref else remote for ref in refs]
    found = {classify("branches", ref, world.settings) for ref in refs} | {classify("projects", remote, world.settings)}
    found -= {UNKNOWN}
    return " ".join(names), strictest(found) if found else UNKNOWN


def destination(refspec: str, current: str) -> str:
    """The branch that a refspec writes: of ``+a:b`` it is ``b``, of ``HEAD``, ``@`` and ``:`` the one checked out."""
    name = refspec.lstrip("+").rpartition(":")[2].removeprefix("refs/heads/")
    return current if name in ("", "HEAD", "@") else name


def _remote(branch: str, repository: Repository | None) -> str:
    if repository is None:
        return "origin"
    keys = (f"branch.{branch}.pushremote", "remote.pushdefault", f"branch.{branch}.remote")
    return next((found for key in keys if (found := repository.config(key))), "origin")
