"""What the configuration files come to. Nothing in the environment takes part.

Three kinds of file, the first wins:

* ``/etc/agentguard/config.toml``, managed: it must be writable by root alone.
* ``~/.config/agentguard/config.toml``, the user's. ``~`` is the home directory of the password database: ``HOME``
  and ``XDG_CONFIG_HOME`` can be set by whoever types the command, so they do not say where the policy lies.
* ``.agentguard.toml`` in the working directory and in every directory above it: these can only tighten.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from agentguard.config import Allowance, Environments, Layer, Mode, Trust, read
from agentguard.rulebook.model import Finding
from agentguard.world.settings import Settings

if TYPE_CHECKING:
    from datetime import date

MANAGED = "/etc/agentguard/config.toml"
PROJECT = ".agentguard.toml"


@dataclass(frozen=True, slots=True)
class Policy:
    """What holds in one working directory. ``files`` are the configuration files that took part."""

    mode: Mode = Mode.STANDARD
    shell: str = "/bin/bash"
    wait: int = 20
    settings: Settings = field(default_factory=Settings)
    allowances: tuple[Allowance, ...] = ()
    files: tuple[str, ...] = ()

    def allows(self, finding: Finding) -> bool:
        """Whether an ``[[allow]]`` entry lifts this finding. Nothing lifts the floor."""
        return not finding.floor and any(_covers(allowance, finding) for allowance in self.allowances)


def user_home() -> str:
    """The home directory that the password database gives; ``HOME`` is not asked."""
    import pwd

    try:
        return pwd.getpwuid(os.getuid()).pw_dir
    except KeyError:
        return "/"


def user_config() -> str:
    """Where the user's own configuration file lies."""
    return os.path.join(user_home(), ".config/agentguard/config.toml")


def user_rules() -> str:
    """The directory of the user's own rule packs."""
    return os.path.join(user_home(), ".config/agentguard/rules")


def user_cache() -> str:
    """The directory for what is made once and read at every start."""
    return os.path.join(user_home(), ".cache/agentguard")


def load(cwd: str, *, managed: str = MANAGED, user: str | None = None, today: date | None = None) -> Policy:
    """All layers that hold in ``cwd``. Allowances that expired before ``today`` are left out.

    Raises:
        ConfigError: a file cannot be used.
    """
    home = user_home()
    owners = [read(managed, Trust.MANAGED, home), read(user or user_config(), Trust.USER, home)]
    projects = [read(path, Trust.PROJECT, home) for path in _project_files(cwd)]
    return combine([layer for layer in owners if layer], [layer for layer in projects if layer], today)


def combine(owners: Sequence[Layer], projects: Sequence[Layer], today: date | None = None) -> Policy:
    """The policy of the owners' files, the first one winning, tightened by the project files."""
    if not owners and not projects:
        return Policy()
    layers = [*owners, *projects]
    default = Policy()
    mode = next((layer.mode for layer in owners if layer.mode is not None), default.mode)
    return Policy(
        mode=max([mode, *(layer.mode for layer in projects if layer.mode is not None)]),
        shell=next((layer.shell for layer in owners if layer.shell), default.shell),
        wait=next((layer.wait for layer in owners if layer.wait is not None), default.wait),
        settings=_settings(layers),
        allowances=tuple(_unexpired(owners, today)),
        files=tuple(layer.path for layer in layers),
    )


def _settings(layers: Sequence[Layer]) -> Settings:
    environments = _merge(layer.environments for layer in layers)
    settings = Settings(
        environments=environments,
        protections=tuple(protection for layer in layers for protection in layer.protections),
    )
    branches = environments.get("production", {}).get("branches", ())
    return replace(settings, protected_branches=(*settings.protected_branches, *branches))


def _merge(parts: Iterable[Environments]) -> Environments:
    merged: dict[str, dict[str, tuple[str, ...]]] = {}
    for part in parts:
        for name, kinds in part.items():
            known = merged.setdefault(name, {})
            for kind, patterns in kinds.items():
                known[kind] = known.get(kind, ()) + patterns
    return merged


def _unexpired(owners: Iterable[Layer], today: date | None) -> Iterable[Allowance]:
    allowances = [allowance for layer in owners for allowance in layer.allowances]
    if any(allowance.expires for allowance in allowances):
        from datetime import date

        now = today or date.today()
        return [allowance for allowance in allowances if allowance.expires is None or now <= allowance.expires]
    return allowances


def _covers(allowance: Allowance, finding: Finding) -> bool:
    if not fnmatchcase(finding.rule, allowance.rule):
        return False
    if allowance.directory:
        where = finding.invocation.cwd.known
        here = where is not None and not finding.invocation.place
        if not here or not f"{where}/".startswith(f"{allowance.directory}/"):
            return False
    if allowance.target and not fnmatchcase(finding.target, allowance.target):
        return False
    return not allowance.environment or finding.environment == allowance.environment


def _project_files(cwd: str) -> list[str]:
    """The project files from the root down to ``cwd``."""
    path = os.path.abspath(cwd)
    found = [os.path.join(path, PROJECT)]
    while path != (parent := os.path.dirname(path)):
        path = parent
        found.append(os.path.join(path, PROJECT))
    return found[::-1]
