"""How each harness starts its shell: the words, the variables, the descriptors, the session, the terminal."""

from __future__ import annotations

import os
import pty
import secrets
import select
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from harness import framing


@dataclass(frozen=True, slots=True)
class Outcome:
    """``errors`` is None where the harness merges it into ``output``. ``status`` is None where it cannot be seen."""

    status: int | None
    output: str
    errors: str | None


@dataclass(frozen=True, slots=True)
class Stage:
    """Where a harness runs: ``shells`` is the directory of agentguard's shells, ``work`` the project."""

    place: Path
    home: Path
    shells: Path

    @property
    def work(self) -> Path:
        return self.place / "work"

    @property
    def user(self) -> Path:
        return self.place / "user"

    def shell(self, name: str = "bash") -> str:
        return str(self.shells / name)

    def env(self, **more: str) -> dict[str, str]:
        """The user's environment, in which a stand-in for git comes before the real one."""
        path = f"{self.place}/tools:/usr/local/bin:/usr/bin:/bin"
        return {"PATH": path, "HOME": str(self.user), "LANG": "C.UTF-8", "SHELL": self.shell(), "USER": "dev", **more}

    def first(self, **more: str) -> dict[str, str]:
        """The same with agentguard's shells first on PATH."""
        env = self.env(**more)
        return {**env, "PATH": f"{self.shells}:{env['PATH']}"}


def run(stage: Stage, words: list[str], env: dict[str, str], *, merge: bool = False, **more: object) -> Outcome:
    """In a session of its own, without any terminal and with nothing to read."""
    settings: dict[str, object] = {"stdin": subprocess.DEVNULL, "start_new_session": True, "cwd": stage.work, **more}
    errors = subprocess.STDOUT if merge else subprocess.PIPE
    done = subprocess.run(words, env=env, stdout=subprocess.PIPE, stderr=errors, text=True, timeout=60, **settings)
    return Outcome(done.returncode, done.stdout, None if merge else done.stderr)


def on_terminal(
    stage: Stage, words: list[str], env: dict[str, str], answers: tuple[tuple[str, str], ...] = (), seconds: float = 60
) -> Outcome:
    """On a terminal of its own. ``answers``: what is typed once a text has been shown."""
    pid, master = pty.fork()
    if pid == 0:
        os.chdir(stage.work)
        os.execvpe(words[0], words, env)
    seen, waiting, end = "", list(answers), time.monotonic() + seconds
    while True:
        if not select.select([master], [], [], max(0.0, end - time.monotonic()))[0]:
            os.kill(pid, 9)
            raise AssertionError(f"it did not end: {seen}")
        try:
            part = os.read(master, 65536)
        except OSError:
            break
        if not part:
            break
        seen += part.decode("utf-8", "replace")
        if waiting and waiting[0][0] in seen:
            os.write(master, waiting.pop(0)[1].encode())
    os.close(master)
    return Outcome(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), seen.replace("\r\n", "\n"), None)


# ------------------------------------------------------------------------------------------ one call, one command


def claude(stage: Stage, command: str) -> Outcome:
    snapshots = stage.user / ".claude" / "shell-snapshots"
    snapshots.mkdir(parents=True, exist_ok=True)
    snapshot = snapshots / "snapshot-bash-1764000000000-a1b2c3.sh"
    if not snapshot.exists():
        snapshot.write_text("# Snapshot file\nunalias -a 2>/dev/null || true\nshopt -s expand_aliases\n")
    directory = Path(f"/tmp/claude-{secrets.token_hex(2)}-cwd")
    text, _ = framing.FRAMED["claude"](command)
    text = text.replace(framing.SNAPSHOT, str(snapshot)).replace("/tmp/claude-1a2b-cwd", str(directory))
    try:
        done = run(stage, [stage.shell(), "-c", text], claude_env(stage))
        if done.status == 0:
            assert directory.read_text() == f"{stage.work}\n"
        return done
    finally:
        directory.unlink(missing_ok=True)


def claude_env(stage: Stage) -> dict[str, str]:
    return stage.env(
        CLAUDECODE="1", CLAUDE_CODE_ENTRYPOINT="cli", CLAUDE_CODE_SHELL=stage.shell(), AI_AGENT="claude-code"
    )


def claude_without_snapshot(stage: Stage, command: str) -> Outcome:
    text, _ = framing.FRAMED["claude-sandbox"](command)
    text = text[text.index("{ shopt") :]
    done = run(stage, [stage.shell(), "-c", "-l", text], claude_env(stage))
    return Outcome(done.status, done.output.removesuffix(f"{stage.work}\n"), done.errors)


def codex_env(stage: Stage) -> dict[str, str]:
    return stage.env(
        CODEX_CI="1", CODEX_THREAD_ID="0199-ab", NO_COLOR="1", TERM="dumb", LC_ALL="C.UTF-8", COLORTERM="", PAGER="cat"
    )


def codex(stage: Stage, command: str) -> Outcome:
    return run(stage, [stage.shell(), "-lc", command], codex_env(stage))


def codex_with_snapshot(stage: Stage, command: str) -> Outcome:
    snapshots = stage.user / ".codex" / "shell_snapshots"
    snapshots.mkdir(parents=True, exist_ok=True)
    (snapshots / "0199-ab.17.sh").write_text("# Snapshot file\nunalias -a 2>/dev/null || true\n")
    text = framing.codex(command).replace("/home/dev/.codex", str(stage.user / ".codex"))
    return run(stage, [stage.shell(), "-c", text], codex_env(stage))


CURSOR_STATE = 'dump_bash_state() { builtin printf "state %s\\n" "$PWD"; }\n'


def cursor(stage: Stage, command: str) -> Outcome:
    """The snapshot is read from descriptor 3, the state after the command is written into descriptor 4."""
    read_snapshot, snapshot = os.pipe()
    state, write_state = os.pipe()
    os.write(snapshot, CURSOR_STATE.encode())
    os.close(snapshot)

    def place() -> None:
        high = os.dup2(write_state, 100, inheritable=True)
        os.dup2(read_snapshot, 3, inheritable=True)
        os.dup2(high, 4, inheritable=True)
        os.close(high)

    words = [stage.shell(), "-O", "extglob", "-c", framing.CURSOR, "--", command]
    try:
        done = run(stage, words, stage.env(CURSOR_AGENT="1"), preexec_fn=place, close_fds=False)
    finally:
        os.close(read_snapshot)
        os.close(write_state)
    with os.fdopen(state) as file:
        written = file.read()
    assert done.status != 0 or written == f"state {stage.work}\n"
    return done


def gemini_env(stage: Stage) -> dict[str, str]:
    return stage.first(
        GEMINI_CLI="1", TERM="xterm-256color", PAGER="cat", GIT_PAGER="cat", GIT_TERMINAL_PROMPT="0",
        DISPLAY="", DBUS_SESSION_BUS_ADDRESS="",
    )  # fmt: skip


def gemini(stage: Stage, command: str) -> Outcome:
    return on_terminal(stage, ["bash", "-c", framing.gemini(command)], gemini_env(stage))


def gemini_without_terminal(stage: Stage, command: str) -> Outcome:
    return run(stage, [stage.shell(), "-c", framing.gemini(command)], gemini_env(stage))


def copilot(stage: Stage, command: str) -> Outcome:
    return run(stage, ["bash", "-c", command], stage.first(COPILOT_CLI="1"), executable=stage.shell())


def opencode(stage: Stage, command: str) -> Outcome:
    return run(stage, [stage.shell(), "-c", command], stage.env(OPENCODE="1", AGENT="1"))


def opencode_of_the_user(stage: Stage, command: str) -> Outcome:
    text = framing.opencode(command.replace("$", "\\$"))
    words = [stage.shell(), "-l", "-c", text, "opencode", str(stage.work)]
    return run(stage, words, stage.env(OPENCODE="1", AGENT="1"))


def pi(stage: Stage, command: str) -> Outcome:
    return run(stage, [stage.shell(), "-c", f"shopt -s expand_aliases\n{command}"], stage.env())


def _hermes(stage: Stage, text: str) -> Outcome:
    text = text.replace("'/home/dev/my shop'", str(stage.work)).replace("/home/dev/shop", str(stage.work))
    env = stage.first(AI_AGENT="hermes-agent", HERMES_AGENT="true")
    done = run(stage, [stage.shell(), "-c", text], env, merge=True)
    return Outcome(done.status, done.output.partition("\n__HERMES_CWD_")[0], None)


def hermes(stage: Stage, command: str) -> Outcome:
    return _hermes(stage, framing.hermes(command))


def hermes_with_state(stage: Stage, command: str) -> Outcome:
    text = framing.hermes_with_state(command).replace("/tmp/hermes-snap-", f"{stage.place}/hermes-snap-")
    return _hermes(stage, text)


def continues(stage: Stage, command: str) -> Outcome:
    """Standard input is a pipe that stays open."""
    reading, writing = os.pipe()
    try:
        return run(stage, [stage.shell(), "-l", "-c", command], stage.env(), stdin=reading)
    finally:
        os.close(reading)
        os.close(writing)


def cline(stage: Stage, command: str) -> Outcome:
    return run(stage, [stage.shell(), "-c", command], stage.env(CLINE_ACTIVE="true"))


def roo(stage: Stage, command: str) -> Outcome:
    return run(stage, [stage.shell("sh"), "-c", command], stage.env(ROO_ACTIVE="true", PAGER="cat"))


def goose(stage: Stage, command: str) -> Outcome:
    return run(stage, [stage.shell(), "-c", command], stage.env(), merge=True)


def mini_swe_agent(stage: Stage, command: str) -> Outcome:
    return run(stage, command, stage.env(), merge=True, shell=True, executable=stage.shell("sh"))  # type: ignore[arg-type]


def mini_swe_agent_in_a_container(stage: Stage, command: str) -> Outcome:
    return run(stage, ["bash", "-lc", command], stage.first(), merge=True, executable=stage.shell())


def harbor(stage: Stage, command: str) -> Outcome:
    return run(stage, ["env", "bash", "-c", command], stage.first(), merge=True)


def langchain_once(stage: Stage, command: str) -> Outcome:
    return run(stage, command, stage.env(), shell=True, executable=stage.shell("sh"))  # type: ignore[arg-type]


#: each runs one command in one call of the shell, and nobody is at a terminal
CALLS: dict[str, Callable[[Stage, str], Outcome]] = {
    "Claude Code": claude,
    "Claude Code without a snapshot": claude_without_snapshot,
    "Codex": codex,
    "Codex with a snapshot": codex_with_snapshot,
    "Cursor": cursor,
    "Gemini CLI on a terminal": gemini,
    "Gemini CLI": gemini_without_terminal,
    "Copilot CLI": copilot,
    "OpenCode": opencode,
    "OpenCode for its user": opencode_of_the_user,
    "Pi": pi,
    "Hermes": hermes,
    "Hermes with state": hermes_with_state,
    "Continue": continues,
    "Cline": cline,
    "Roo": roo,
    "Goose": goose,
    "mini-swe-agent": mini_swe_agent,
    "mini-swe-agent in a container": mini_swe_agent_in_a_container,
    "Harbor": harbor,
    "LangChain": langchain_once,
}


# ------------------------------------------------------------------------------------------ a person at the terminal


def aider(stage: Stage, command: str, answer: str) -> Outcome:
    return on_terminal(stage, [stage.shell(), "-i", "-c", command], stage.env(TERM="xterm"), ANSWERED(answer))


def zed(stage: Stage, command: str, answer: str) -> Outcome:
    env = stage.env(TERM="xterm-256color", PAGER="", GIT_PAGER="cat")
    words = [stage.shell("sh"), "-i", "-c", f"({command}\n) </dev/null"]
    return on_terminal(stage, words, env, ANSWERED(answer))


def amazon_q(stage: Stage, command: str, answer: str) -> Outcome:
    """Standard input is the terminal of the harness; the output goes through files of its own."""
    text = 'cd "$1" && "$2" -c "$3" > ../out 2> ../err'
    words = ["/bin/sh", "-c", text, "q", str(stage.work), stage.shell(), command]
    done = on_terminal(stage, words, stage.env(TERM="xterm"), ANSWERED(answer))
    return Outcome(done.status, (stage.place / "out").read_text(), (stage.place / "err").read_text())


def ANSWERED(answer: str) -> tuple[tuple[str, str], ...]:
    return (("run it", f"{answer}\n"),)


#: each runs one command on a terminal at which a person sits, who answers when asked
TERMINALS: dict[str, Callable[[Stage, str, str], Outcome]] = {"Aider": aider, "Zed": zed, "Amazon Q": amazon_q}


# ------------------------------------------------------------------------------------------ one shell, many commands


class Persistent:
    """A shell that is fed through a pipe, as several harnesses keep one."""

    def __init__(self, stage: Stage, sentinel: str, words: list[str], *, merge: bool) -> None:
        self.sentinel = sentinel
        self.process = subprocess.Popen(
            words,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT if merge else (stage.place / "err").open("w"),
            cwd=stage.work,
            env=stage.env(),
            text=True,
            start_new_session=True,
        )
        self.errors = None if merge else stage.place / "err"

    def run(self, command: str) -> Outcome:
        mark = f"__DONE_{secrets.token_hex(4)}__"
        assert self.process.stdin and self.process.stdout
        self.process.stdin.write(f"{command}\n{self.sentinel.format(mark=mark)}\n")
        self.process.stdin.flush()
        output = ""
        while mark not in output:
            line = self.process.stdout.readline()
            assert line, f"the shell is gone: {output}"
            output += line
        output, _, status = output.rpartition(mark)
        code = int(status) if status.strip() else None
        return Outcome(code, output, self.errors.read_text() if self.errors else None)

    def end(self) -> int:
        assert self.process.stdin and self.process.stdout
        self.process.stdin.close()
        self.process.stdout.close()
        return self.process.wait(30)


def langchain(stage: Stage) -> Persistent:
    return Persistent(stage, "printf '{mark} %s\\n' $?", [stage.shell()], merge=False)


def anthropic(stage: Stage) -> Persistent:
    return Persistent(stage, "echo {mark}", [stage.shell()], merge=True)


def anthropic_with_status(stage: Stage) -> Persistent:
    return Persistent(stage, "echo {mark} $?", [stage.shell("sh")], merge=True)


PERSISTENT: dict[str, Callable[[Stage], Persistent]] = {
    "LangChain": langchain,
    "Anthropic bash tool": anthropic,
    "Anthropic bash tool with sh": anthropic_with_status,
}


