import base64
import io
import json
import os
import sys
from types import SimpleNamespace

import pytest
from click.testing import CliRunner

from agentguard.cli.explain import answer_line, command
from agentguard.frontdoor import FrontDoor, Sitting

KEYS = {"id", "verdict", "supervise", "rule", "severity", "reason", "findings"}
door = FrontDoor()


def line(cwd="/", **item):
    return answer_line(json.dumps(item).encode(), door, cwd)


def batch(text: bytes, monkeypatch) -> list[dict]:
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(text)))
    screen = io.StringIO()
    monkeypatch.setattr(sys, "stdout", screen)
    assert command.callback(as_json=False, batch=True, text=()) == 0
    return [json.loads(answer) for answer in screen.getvalue().splitlines()]


def test_answers_come_in_order_with_their_ids(monkeypatch):
    asked = b'{"id": "a", "command": "ls"}\n\n{"id": 2, "command": "git push --force origin main"}\n'
    first, second = batch(asked, monkeypatch)
    assert set(first) == KEYS
    assert (first["id"], first["verdict"], first["findings"]) == ("a", "allow", [])
    assert (second["id"], second["verdict"]) == (2, "ask")
    assert second["rule"] == second["findings"][0]["rule"]
    assert second["severity"] in ("high", "critical", "medium")


def test_the_last_line_needs_no_newline(monkeypatch):
    assert batch(b'{"id": 1, "command": "ls"}', monkeypatch)[0]["verdict"] == "allow"


@pytest.mark.parametrize(
    ("raw", "identity"),
    [
        (b"nonsense", None),
        (b"\xff\xfe", None),
        (b"[]", None),
        (b'{"id": "x\\"y", "command": oops}', 'x"y'),
        (b'{"id": 7', 7),
        (b'{"id": 8}', 8),
        (b'{"id": 9, "command": 3}', 9),
        (b'{"id": 9, "command_b64": "***"}', 9),
        (b'{"id": 9, "command": "ls", "cwd": 3}', 9),
        (b'{"id": 9, "command": "ls", "env": ["A"]}', 9),
        (b'{"id": 9, "command": "ls", "env": {"A": 1}}', 9),
        (b"[" * 100_000, None),
    ],
)
def test_a_bad_line_is_answered_and_never_allowed(raw, identity):
    answer = answer_line(raw, door, "/")
    assert (answer["id"], answer["verdict"]) == (identity, "ask")
    assert answer["error"] and answer["error"] == answer["reason"]


def test_a_bad_line_does_not_end_the_batch(monkeypatch):
    answers = batch(b'{oops\n{"id": 2, "command": "ls"}\n', monkeypatch)
    assert [answer["verdict"] for answer in answers] == ["ask", "allow"]


def test_bytes_come_as_base64():
    encoded = base64.b64encode(b"echo \xff").decode()
    answer = line(id=1, command_b64=encoded)
    assert answer["verdict"] == "ask"
    assert "UTF-8" in answer["reason"]
    assert line(id=1, command_b64=base64.b64encode(b"ls").decode())["verdict"] == "allow"


def test_environment_and_directory_belong_to_the_line():
    assert line(id=1, command='rm -rf "$TARGET"', env={"TARGET": "/"})["verdict"] == "block"
    assert line(id=1, command="rm -rf *", cwd="/etc")["verdict"] != "allow"


def test_a_failure_of_ours_is_an_answer(monkeypatch):
    def fail(*_):
        raise ZeroDivisionError("a\nbug")

    monkeypatch.setattr(Sitting, "_judge", fail)
    answer = line(id=1, command="ls")
    assert (answer["verdict"], answer["reason"]) == ("ask", "agentguard failed: a bug; nothing was run")
    assert answer["error"] == "a bug"


def test_a_broken_configuration_is_an_answer(tmp_path):
    (tmp_path / ".agentguard.toml").write_text("mode = 'lax'")
    answer = line(id=1, command="ls", cwd=str(tmp_path))
    assert answer["verdict"] == "ask"
    assert f"{tmp_path}/.agentguard.toml:1: mode must be one of" in answer["reason"]


def explained(*arguments: str) -> str:
    result = CliRunner().invoke(command, arguments, standalone_mode=False)
    assert result.exception is None
    return result.output


def test_json_lists_what_would_be_started():
    answer = json.loads(explained("--json", "--", 'sudo bash -c "git push -f origin main; echo $(date)"'))
    assert answer["verdict"] == "ask"
    push = next(item for item in answer["invocations"] if item["argv"][:2] == ["git", "push"])
    assert [step["label"] for step in push["trail"]]
    echo = next(item for item in answer["invocations"] if item["argv"][0] == "echo")
    assert None in echo["argv"]
    kinds = {operation["kind"] for operation in answer["operations"]}
    assert "ProgramCall" in kinds
    assert answer["findings"][0]["trail"] == push["trail"]


def test_several_arguments_are_the_words_of_one_command():
    answer = json.loads(explained("--json", "--", "echo", "a; rm -rf /"))
    assert [item["argv"] for item in answer["invocations"]] == [["echo", "a; rm -rf /"]]
    assert answer["verdict"] == "allow"


def test_the_readable_form_names_the_finding_and_hides_nothing_in_escapes():
    shown = explained("--", "git push --force origin main; echo $'\\e[2J'")
    assert shown.startswith("ask")
    assert "git push --force origin main" in shown
    assert "\x1b" not in shown


def test_every_operation_can_be_written_as_json():
    from agentguard import operations, record
    from agentguard.interpret.values import Origin, Value, literal, unknown

    request = operations.HttpRequest(
        "POST", literal("h"), "", literal("/"), literal(""), (("a", literal("b")),), unknown(Origin.OUTPUT)
    )
    statement = operations.SqlStatement(operations.Database("postgres"), "DROP", "TABLE", detail=frozenset({"CASCADE"}))
    call = operations.ProgramCall("x", (), (operations.Option("-f", literal("v")),), (Value(),))
    for operation in (request, statement, call, operations.Opaque("why")):
        assert json.loads(json.dumps(record.operation(operation)))["kind"] == type(operation).__name__


def test_the_batch_stays_light():
    import subprocess

    probe = (
        "import sys; from agentguard.cli.main import main\n"
        "try: main()\n"
        "finally: print(sorted(m for m in ('rich', 'sqlglot', 'graphql') if m in sys.modules), file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", probe, "explain", "--batch"],
        input=b'{"id": 1, "command": "git status"}\n',
        capture_output=True,
        env=os.environ,
    )
    assert json.loads(done.stdout)["verdict"] == "allow"
    assert done.stderr.strip() == b"[]"
