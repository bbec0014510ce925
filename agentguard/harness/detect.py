"""Which agent harness started us, by the variables that it sets in the commands it runs."""

from __future__ import annotations

from collections.abc import Mapping

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

#: variables that agent harnesses set, and whose they are; those that several set stand last and name nobody
HARNESS_MARKERS: Final = {
    "CLAUDECODE": "Claude Code",
    "CLAUDE_CODE_ENTRYPOINT": "Claude Code",
    "CLAUDE_CODE_SESSION_ID": "Claude Code",
    "CODEX_CI": "Codex",
    "CODEX_SANDBOX": "Codex",
    "CODEX_THREAD_ID": "Codex",
    "CURSOR_AGENT": "Cursor",
    "GEMINI_CLI": "Gemini CLI",
    "COPILOT_AGENT_SESSION_ID": "Copilot CLI",
    "COPILOT_CLI": "Copilot CLI",
    "OPENCODE": "OpenCode",
    "CRUSH": "Crush",
    "HERMES_AGENT": "Hermes",
    "CLINE_ACTIVE": "Cline",
    "ROO_ACTIVE": "Roo",
    "AI_AGENT": "",
    "AGENT": "",
}
_UNNAMED: Final = "an agent"
_SWITCHES: Final = frozenset(("true", "yes", "on"))


def harness(env: Mapping[str, str]) -> str:
    """The name of the harness for the log: "" without any sign of one, "an agent" where the sign names none.

    An agent can unset these variables, so "" proves nothing.
    """
    for variable, name in HARNESS_MARKERS.items():
        value = env.get(variable)
        if value:
            return name or (value if _is_name(value) else _UNNAMED)
    return ""


def _is_name(value: str) -> bool:
    plain = value.isascii() and value.replace("-", "").replace("_", "").isalnum() and value[:1].isalpha()
    return plain and len(value) <= 40 and value.lower() not in _SWITCHES
