"""What holds in a directory and which file says so: for ``config show`` and ``config check``, not for judging."""

from __future__ import annotations

import os
from collections.abc import Iterator

from agentguard.config import Allowance, ConfigError, Layer, Mode, Trust
from agentguard.config_files import read
from agentguard.config_keys import KEYS
from agentguard.config_text import line_of
from agentguard.light import dataclass
from agentguard.policy import MANAGED, PROJECT, Policy, combine, layers, project_files, user_config, user_home
from agentguard.world.settings import Protection

Plain = None | bool | int | str | list["Plain"] | dict[str, "Plain"]


@dataclass(frozen=True, slots=True)
class Effective:
    """A value that holds. ``layer`` is managed, user, project or default; ``file`` and ``line`` say where, if known."""

    key: str
    value: Plain
    layer: str
    file: str | None = None
    line: int | None = None


def effective(cwd: str) -> tuple[list[Effective], tuple[str, ...]]:
    """Every value that holds in ``cwd``, and what is left out of the files, as ``file:line: why``.

    Raises:
        ConfigError: a file cannot be used.
    """
    owners, projects = layers(cwd)
    policy = combine(owners, projects)
    values = [_plain(name, owners, projects, policy) for name in KEYS]
    values.append(Effective("environments.production.branches", [*Policy().settings.protected_branches], "default"))
    ended: list[str] = []
    for layer in (*owners, *projects):
        values += _tables(layer, policy, ended)
    return values, (*policy.warnings, *ended)


def checked(cwd: str, file: str | None = None) -> list[tuple[str, tuple[str, ...]]]:
    """The files that hold in ``cwd``, or this one, each with what is to be mended in it."""
    if file is None:
        places = [(MANAGED, Trust.MANAGED), (user_config(), Trust.USER)]
        places += [(path, Trust.PROJECT) for path in project_files(cwd)]
    else:
        path = os.path.abspath(file)
        name = os.path.basename(path)
        places = [(path, Trust.MANAGED if path == MANAGED else Trust.PROJECT if name == PROJECT else Trust.USER)]
    found: list[tuple[str, tuple[str, ...]]] = []
    whole = True
    for path, trust in places:
        try:
            layer = read(path, trust, user_home())
            if layer is not None:
                found.append((path, layer.warnings))
            elif file is not None:
                found.append((path, (f"{path}: no such file",)))
        except ConfigError as error:
            whole = False
            found.append((path, (str(error),)))
    if file is None and whole:
        _, warnings = effective(cwd)
        found = [(path, _distinct(path, complaints, warnings)) for path, complaints in found]
    return found


def _distinct(path: str, complaints: tuple[str, ...], warnings: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*complaints, *(w for w in warnings if w.startswith(f"{path}:")))))


def _plain(name: str, owners: list[Layer], projects: list[Layer], policy: Policy) -> Effective:
    value = KEYS[name].default
    source: Layer | None = next((layer for layer in owners if name in layer.values), None)
    if source is not None:
        value = source.values[name]
    if name == "mode" and policy.mode.name.lower() != _said(value):
        value = policy.mode
        source = next(layer for layer in projects if layer.values.get(name) is policy.mode)
    if source is None:
        return Effective(name, value, "default")
    return _from(source, name, _said(value), *name.split("."))


def _said(value: str | int) -> str | int:
    return value.name.lower() if isinstance(value, Mode) else value


def _tables(layer: Layer, policy: Policy, ended: list[str]) -> Iterator[Effective]:
    for name, kinds in layer.environments.items():
        for kind, patterns in kinds.items():
            yield _from(layer, f"environments.{name}.{kind}", [*patterns], f"environments.{name}", kind)
    for number, protection in enumerate(layer.protections):
        yield _from(layer, f"protect.{number + 1}", _protection(protection), "protect", number)
    for number, allowance in enumerate(layer.allowances):
        shown = _from(layer, f"allow.{number + 1}", _allowance(allowance), "allow", number)
        if allowance in policy.allowances:
            yield shown
        else:
            why = "it ended" if allowance.expires else "a project file here adds to what production means"
            ended.append(f"{shown.file}:{shown.line or 1}: [[allow]] {allowance.rule} does not hold: {why}")


def _protection(given: Protection) -> Plain:
    return {"paths": [*given.paths], "stops": [*sorted(given.stops)], "reason": given.reason}


def _allowance(given: Allowance) -> Plain:
    limits: dict[str, Plain] = {
        "rule": given.rule,
        "directory": given.directory,
        "target": given.target,
        "environment": given.environment,
        "expires": given.expires.isoformat() if given.expires else "",
        "reason": given.reason,
    }
    return {name: value for name, value in limits.items() if value}


def _from(layer: Layer, key: str, value: Plain, *where: str | int) -> Effective:
    return Effective(key, value, layer.trust.name.lower(), layer.path, line_of(layer.text, where))
