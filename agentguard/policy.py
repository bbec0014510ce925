"""What the configuration files come to. Nothing in the environment takes part.

Three kinds of file, the first wins:

* ``/etc/agentguard/config.toml``, managed: it must be writable by root alone.
* ``~/.config/agentguard/config.toml``, the user's. ``~`` is the home directory of the password database: ``HOME``
  and ``XDG_CONFIG_HOME`` can be set by whoever types the command, so they do not say where the policy lies.
* ``.agentguard.toml`` in the working directory and in every directory above it: these can only tighten. What would
  loosen is left out, and named in ``Policy.warnings``.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence

from agentguard.config import Allowance, Environments, Layer, Mode, Trust
from agentguard.config_files import read
from agentguard.light import dataclass, field, replace
from agentguard.rulebook.model import Finding
from agentguard.world.settings import Protection, Settings

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import date
    from typing import TypeVar

    _Plain = TypeVar("_Plain", str, int, bool, Mode)

MANAGED = "/etc/agentguard/config.toml"
PROJECT = ".agentguard.toml"



@dataclass(frozen=True, slots=True)
class Policy:
    """What holds in one working directory.

    ``interactive`` says who gets a plain shell without a command: ``human`` (at their own terminal), ``always`` or
    ``never``. ``wait`` is in seconds, ``expires`` in minutes, ``audit_size`` in MiB. ``files`` are the configuration
    files that took part; ``warnings`` name what was left out of them, as ``file:line: why``.
    """

    mode: Mode = Mode.STANDARD
    shell: str = "/bin/bash"
    interactive: str = "human"
    wait: int = 20
    expires: int = 10
    notify: bool = True
    audit_size: int = 16
    audit_keep: int = 8
    settings: Settings = field(default_factory=Settings)
    allowances: tuple[Allowance, ...] = ()
    files: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()

    def allows(self, finding: Finding) -> bool:
        """Whether an ``[[allow]]`` entry lifts this finding. Nothing lifts the floor."""
        if finding.floor or not self.allowances:
            return False
        from agentguard.allowing import covers

        return any(covers(allowance, finding) for allowance in self.allowances)


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


def user_state() -> str:
    """The directory of what happened and is waited for: the audit log, requests, approvals, guarded sessions.

    ``XDG_STATE_HOME`` is not asked: whoever types a command can set it, and would take what is recorded elsewhere.
    """
    return os.path.join(user_home(), ".local/state/agentguard")


def load(cwd: str, *, managed: str | None = None, user: str | None = None, today: date | None = None) -> Policy:
    """All layers that hold in ``cwd``. Allowances that expired before ``today`` (UTC) are left out.

    Raises:
        ConfigError: a file cannot be used.
    """
    owners, projects = layers(cwd, managed=managed, user=user)
    return combine(owners, projects, today)


def layers(cwd: str, *, managed: str | None = None, user: str | None = None) -> tuple[list[Layer], list[Layer]]:
    """The owners' files, the first one winning, and the project files from the root down; only those that exist.

    Raises:
        ConfigError: a file cannot be used.
    """
    home = user_home()
    owners = [read(managed or MANAGED, Trust.MANAGED, home), read(user or user_config(), Trust.USER, home)]
    projects = [read(path, Trust.PROJECT, home) for path in project_files(cwd)]
    return [layer for layer in owners if layer], [layer for layer in projects if layer]


def combine(owners: Sequence[Layer], projects: Sequence[Layer], today: date | None = None) -> Policy:
    """The policy of the owners' files, the first one winning, tightened by the project files."""
    default = Policy()
    if not owners and not projects:
        return default
    every = [*owners, *projects]
    mode = _first(owners, "mode", default.mode)
    wanted = [found for layer in projects if isinstance(found := layer.values.get("mode"), Mode)]
    warnings = [warning for layer in every for warning in layer.warnings]
    warnings += [_looser(layer, mode) for layer in projects if int(layer.values.get("mode", mode)) < mode]
    allowances = list(_unexpired(owners, today))
    if any(layer.environments for layer in projects):  # more becomes production: that must not widen what is allowed
        allowances = [allowance for allowance in allowances if allowance.environment != "production"]
    return Policy(
        mode=max([mode, *wanted]),
        shell=_first(owners, "shell", default.shell),
        interactive=_first(owners, "interactive", default.interactive),
        wait=_first(owners, "confirm.wait", default.wait),
        expires=_first(owners, "confirm.expires", default.expires),
        notify=_first(owners, "confirm.notify", default.notify),
        audit_size=_first(owners, "audit.size", default.audit_size),
        audit_keep=_first(owners, "audit.keep", default.audit_keep),
        settings=_settings(every),
        allowances=tuple(allowances),
        files=tuple(layer.path for layer in every),
        warnings=tuple(warnings),
    )


def _first(owners: Sequence[Layer], key: str, default: _Plain) -> _Plain:
    for layer in owners:
        value = layer.values.get(key)
        if isinstance(value, type(default)):
            return value
    return default


def _looser(layer: Layer, mode: Mode) -> str:
    from agentguard.config_text import line_of

    said = layer.values["mode"]
    name = said.name.lower() if isinstance(said, Mode) else said
    line = line_of(layer.text, ("mode",)) or 1
    return f'{layer.path}:{line}: left out: mode = "{name}" is looser than {mode.name.lower()}, which holds here'


def _settings(layers: Sequence[Layer]) -> Settings:
    environments = _merge(layer.environments for layer in layers)
    settings = Settings(
        environments=environments,
        protections=tuple(protection for layer in layers for protection in _protections(layer)),
    )
    branches = environments.get("production", {}).get("branches", ())
    return replace(settings, protected_branches=(*settings.protected_branches, *branches))


def _protections(layer: Layer) -> Iterable[Protection]:
    yield from layer.protections
    if layer.trust is not Trust.PROJECT and (real := os.path.realpath(layer.path)) != layer.path:
        # the file is a link, say into a repository of settings: what it leads to decides as much as the link does
        yield Protection((real,), frozenset(("write", "delete", "chmod")), "the configuration of agentguard")


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
        from datetime import UTC, datetime

        now = today or datetime.now(UTC).date()  # not the local day: the variable TZ could move that
        return [allowance for allowance in allowances if allowance.expires is None or now <= allowance.expires]
    return allowances


def project_files(cwd: str) -> list[str]:
    """Where project files can lie: from the root down to ``cwd``, by its name and by where its links lead."""
    found: list[str] = []
    for start in _starts(os.path.abspath(cwd)):
        path = start
        chain = [os.path.join(path, PROJECT)]
        while path != (parent := os.path.dirname(path)):
            path = parent
            chain.append(os.path.join(path, PROJECT))
        found += chain[::-1]
    return list(dict.fromkeys(found))


def _starts(cwd: str) -> tuple[str, ...]:
    """A directory by its name and, where links are in it, by where they lead."""
    try:
        if cwd == os.getcwd():
            return (cwd,)  # the kernel says it without links; looking at every part again would cost the most here
    except OSError:
        pass
    real = os.path.realpath(cwd)
    return (cwd,) if real == cwd else (cwd, real)
