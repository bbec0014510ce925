"""Something wrong in a pack file."""

from __future__ import annotations

from agentguard.light import dataclass


@dataclass(frozen=True, slots=True)
class Problem:
    """``line`` counts from 1; 0 where it is not known."""

    file: str
    line: int
    reason: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.reason}" if self.line else f"{self.file}: {self.reason}"
