"""The plain keys of a configuration file: one table for reading, ``config set`` and ``config show``."""

from __future__ import annotations

from agentguard.light import dataclass

TOP = ("mode", "shell", "interactive", "confirm", "environments", "protect", "allow", "audit", "scan")
KINDS = ("hosts", "databases", "kube_contexts", "railway", "branches", "projects", "profiles")
ACTIONS = ("read", "write", "delete", "chmod")


@dataclass(frozen=True, slots=True)
class Key:
    """A key with one value: one of ``choices``, a whole number from ``least`` to ``most``, or else a switch
    (``switch``) or the absolute path of a program."""

    name: str
    default: str | int
    about: str
    choices: tuple[str, ...] = ()
    least: int = 0
    most: int = 0
    switch: bool = False

    @property
    def wanted(self) -> str:
        """What a valid value is, for a person."""
        if self.choices:
            return f"one of {', '.join(self.choices)}"
        if self.most:
            return f"a whole number from {self.least} to {self.most} ({self.about})"
        return "true or false" if self.switch else "an absolute path"

    def valid(self, value: object) -> bool:
        """Whether a value, as TOML gives it, is one for this key."""
        if self.choices:
            return isinstance(value, str) and value in self.choices
        if self.most:
            return isinstance(value, int) and not isinstance(value, bool) and self.least <= value <= self.most
        if self.switch:
            return isinstance(value, bool)
        return isinstance(value, str) and value.startswith("/") and "\0" not in value


KEYS = {
    key.name: key
    for key in (
        Key("mode", "standard", "how strict", choices=("observe", "standard", "strict")),
        Key("shell", "/bin/bash", "the real shell"),
        Key("interactive", "human", "who gets a plain shell without a command", choices=("human", "always", "never")),
        Key("confirm.wait", 20, "seconds that a command waits for an answer", least=0, most=3600),
        Key("confirm.expires", 10, "minutes that an approval is good for", least=1, most=1440),
        Key("confirm.notify", True, "a desktop notification for a question", switch=True),
        Key("audit.size", 16, "MiB in one file of the log", least=1, most=4096),
        Key("audit.keep", 8, "older files of the log that are kept", least=1, most=1000),
    )
}
