"""What the environment makes a shell run or mean before its first command.

Told as shell text, so that it is read like any other: ``BASH_ENV`` or ``ENV`` is sourced, exported functions are
defined, ``SHELLOPTS`` and ``BASHOPTS`` set options, and with tracing on ``PS4`` is expanded before each command.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from agentguard import regex
from agentguard.programs.shell_arguments import LETTERS, SHOPT_NAMES, ShellCall
from agentguard.syntax.quoting import quoted

_FUNCTION = regex.compile(r"BASH_FUNC_(.+)(?:%%|\(\))", re.DOTALL)
#: options of a shell that matter to what its text does
_TELLING = frozenset(("allexport", "errexit", "nounset", "noglob", "noexec", "pipefail", "xtrace", "keyword"))


def before(env: Mapping[str, str], call: ShellCall) -> tuple[tuple[str, str], ...]:
    """The texts that the shell of this call runs or defines first, each with a name for the refusal."""
    texts = [("the shell's options", text) for text in _options(env, call)]
    if call.privileged:
        return tuple(texts)
    for name, value in env.items():
        function = _FUNCTION.fullmatch(name)
        if function and value.startswith("() {"):
            shown = function[1]
            texts.append((f"the exported function {shown}", f"{shown} {value}\nexport -f {shown}"))
    if env.get("PS4") and _expands(env["PS4"]):
        texts.append(("PS4", f"PS4={quoted(env['PS4'])}"))
    start_file = env.get("BASH_ENV", "")
    if start_file and not call.posix and not call.interactive:
        texts.append(("BASH_ENV", f'[ -f "{start_file}" ] && . "{start_file}"'))
    if env.get("ENV") and call.interactive:
        texts.append(("ENV", f'[ -f "{env["ENV"]}" ] && . "{env["ENV"]}"'))
    return tuple(texts)


def _options(env: Mapping[str, str], call: ShellCall) -> list[str]:
    wanted = {name: True for name in env.get("SHELLOPTS", "").split(":") if name in LETTERS.values()}
    wanted |= call.settings
    words = [f"{'-' if on else '+'}o {name}" for name, on in wanted.items() if name in _TELLING - {"noexec"}]
    lines = [f"set {' '.join(words)}"] if words else []
    shopts = dict.fromkeys(env.get("BASHOPTS", "").split(":"), True) | call.shopts
    switched = [(name, on) for name, on in shopts.items() if name in SHOPT_NAMES]
    return lines + [f"shopt -{'s' if on else 'u'} {name}" for name, on in switched]


def _expands(text: str) -> bool:
    return any(mark in text for mark in ("$(", "`", "${", "$[", "\\"))

