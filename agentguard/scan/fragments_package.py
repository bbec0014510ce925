"""package.json: its scripts, each one a line for ``sh``."""

from __future__ import annotations

from collections.abc import Iterator

from agentguard.scan.building import joined
from agentguard.scan.fragments import trouble
from agentguard.scan.json_texts import NotJson, texts
from agentguard.scan.model import Fragment, Problem
from agentguard.scan.places import Lines

KIND = "package"


def fragments(path: str, lines: Lines) -> Iterator[Fragment | Problem]:
    try:
        for text in texts(lines.text):
            if len(text.path) == 2 and text.path[0] == "scripts" and text.value.strip():
                yield Fragment(path, KIND, *joined(lines, [text.pieces]))
    except NotJson as error:
        yield trouble(path, lines, error.at, str(error))
