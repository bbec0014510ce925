"""Commands that stand inside the sentences of ``instead``: they run, or are milder than the rule that names them.

What is a command as a whole is judged in ``test_proofs``; here are ``pgrep -a <name>, then kill the one process id``
and ``prisma migrate deploy keeps the data``.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator

import pytest

from agentguard.rulebook.load import Rulebook, load
from agentguard.rulebook.model import Severity
from agentguard.rulebook.prove import Court, ground

#: where a command ends and the sentence goes on
PROSE = frozenset(
    (
        *("a", "after", "alone", "an", "and", "applies", "back", "before", "by", "down,", "first"),
        *("for", "from", "goes", "if", "in", "instead", "into", "is", "it", "its", "keep"),
        *("keeps", "leave", "makes", "many", "may", "means", "not", "of", "on", "only", "or"),
        *("prints", "reads", "reports", "shows", "so", "step", "takes", "that", "the", "them", "then"),
        *("to", "what", "where", "which", "with", "without"),
    )
)
#: words of English that are programs too
ENGLISH = frozenset(
    ("at", "make", "look", "set", "stop", "show", "list", "name", "find", "read", "mount", "time", "print")
)


def commands(sentence: str, rulebook: Rulebook) -> Iterator[str]:
    """The commands in a sentence: from the name of a program at the start of a part up to the next word of prose."""
    for part in re.split(r"[;:,] |, | \(", sentence.replace("`", "")):
        words = part.split()
        if not words or words[0].lower() in ENGLISH or rulebook.table(words[0]) is None:
            continue
        end = next((index for index, word in enumerate(words) if word.lower() in PROSE), len(words))
        text = " ".join(words[:end]).rstrip(").")
        if text:
            yield re.sub(r"<([^<>\s]+)>|\{target\}|…", lambda found: found[1] or "target", text)


def test_no_sentence_suggests_what_is_stopped_as_hard() -> None:
    rulebook = load()
    judged = 0
    wrong = []
    with tempfile.TemporaryDirectory(prefix=".agentguard-suggestions-", dir=ground()) as root:
        court = Court(rulebook, root)
        for rule in rulebook.rules:
            for command in commands(rule.instead, rulebook):
                judged += 1
                findings = [each for each in court.judge(command, {}).verdict.findings if each.decision == "ask"]
                if any(each.severity >= max(rule.severity, Severity.MEDIUM) for each in findings):
                    wrong.append((rule.id, command, [each.rule for each in findings]))
    assert wrong == []
    assert judged > 250


@pytest.mark.parametrize(
    ("sentence", "found"),
    [
        ("pgrep -a <name>, then kill the one process id", ["pgrep -a name"]),
        ("prisma migrate deploy (or migrate dev) keeps the data", ["prisma migrate deploy"]),
        ("git push --force-with-lease", ["git push --force-with-lease"]),
        ("make a backup first", []),
        ("dbmate status; dbmate rollback takes back one migration", ["dbmate status", "dbmate rollback"]),
    ],
)
def test_commands_are_found_in_sentences(sentence: str, found: list[str]) -> None:
    assert list(commands(sentence, load())) == found
