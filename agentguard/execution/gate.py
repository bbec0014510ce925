"""A shell whose program arrives on standard input: judged and passed on one complete command at a time.

Persistent shells work like this: a harness starts ``bash`` once and writes commands into a pipe. The real shell reads
its program from a pipe of ours, and every command that passes is wrapped as ``{ … } <&N``, where N is the standard
input that we were given, so that a command which reads input gets what it would have got.

The next command is read only when the last one has ended, because that one may have eaten part of what follows:
otherwise a ``read`` could make a command out of what was judged as data. That it has ended is seen by one blank behind
it: bash reads its program byte by byte from a pipe and takes the blank when it wants more.

After a command that is refused the next one goes on; after one that is not understood nothing does, as in bash itself
after a syntax error.
"""

from __future__ import annotations

import array
import fcntl
import os
import resource
import select
import signal
import termios
from collections.abc import Sequence

from agentguard.frontdoor import Sitting
from agentguard.harness.complete import Completeness, complete, delimiter
from agentguard.light import dataclass
from agentguard.passage import Caller, passes

#: a command of more bytes than this is refused by the judge anyway; nothing more is collected
MAX_COMMAND = 1 << 20
#: where the caller's standard input lies in the real shell: out of the way of numbers that people write
_INPUT, _INPUT_OF_SH = 220, 7  # sh may know one figure only
#: seconds between looks at whether the last command has ended
_PAUSES = (0.0005, 0.001, 0.002, 0.005, 0.01)
_FORWARDED = (signal.SIGTERM, signal.SIGHUP, signal.SIGUSR1, signal.SIGUSR2)


@dataclass(slots=True)
class Gate:
    """One gated shell. ``words`` is its own call, name first; ``sitting`` judges what it is given."""

    shell: str
    words: Sequence[str]
    sitting: Sitting
    who: Caller
    child: int = 0
    program: int = -1
    given: int = -1
    lines: int = 0
    status: int | None = None
    cut: int = 0

    def run(self) -> int:
        """Feed the shell until its program ends; its exit status."""
        self._start()
        while self.status is None and not self.cut:
            text = self._next()
            if not text:
                break
            self._pass_on(text)
        os.close(self.program)
        ended = self._ended()
        return self.cut or ended

    def _start(self) -> None:
        reading, self.program = os.pipe2(os.O_CLOEXEC) if hasattr(os, "pipe2") else os.pipe()
        self.given = fcntl.fcntl(0, fcntl.F_DUPFD_CLOEXEC, self._room())
        self.child = os.fork()
        if self.child == 0:
            self._become(reading)
        os.close(reading)
        os.close(self.given)
        for number in _FORWARDED:
            signal.signal(number, lambda number, _: os.kill(self.child, number))
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # the terminal sends it to the shell as well

    def _room(self) -> int:
        """The first number that the caller's standard input may get."""
        if os.path.basename(self.words[0]) == "sh":
            return _INPUT_OF_SH
        most, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
        return _INPUT if most == resource.RLIM_INFINITY else min(_INPUT, most - 3)

    def _become(self, reading: int) -> None:
        from agentguard.execution.shell import become

        try:
            os.set_inheritable(self.given, True)
            os.dup2(reading, 0)
            become(self.shell, self.words)
        finally:
            os._exit(125)

    # ------------------------------------------------------------------------------------------ reading

    def _next(self) -> bytes:
        """The next complete command, or what is left at the end; b"" at the end."""
        text = b""
        awaited: str | None = None
        while len(text) < MAX_COMMAND:
            line = self._line()
            text += line
            if not line.endswith(b"\n"):
                return text
            if awaited is not None and line.strip(b"\t\n").decode("utf-8", "surrogateescape") != awaited:
                continue
            whole = text.decode("utf-8", "surrogateescape")
            if complete(whole) is not Completeness.INCOMPLETE:
                return text
            awaited = delimiter(whole)
        return text

    def _line(self) -> bytes:
        """One line from standard input and not a byte more: what follows may be for a command to read."""
        line = bytearray()
        while not line.endswith(b"\n"):
            byte = os.read(0, 1)
            if not byte:
                break
            line += byte
        return bytes(line)

    # ------------------------------------------------------------------------------------------ passing on

    def _pass_on(self, text: bytes) -> None:
        words = text.decode("utf-8", "surrogateescape")
        self.lines += text.count(b"\n")
        if not _runs_something(words):
            self._feed(text if text.endswith(b"\n") else text + b"\n")
            return
        self._follow()
        answer = self.sitting.judge(words)
        status = passes(answer, self.who)
        if status and (answer.analysis is None or answer.analysis.problem is not None):
            # where a command ends that is not understood nobody knows: its rest would be taken for commands
            from agentguard import output

            output.error("the shell ends here: what follows may belong to this command")
            self.cut = status
            return
        if status:
            self.sitting.refused()
            self._feed(b"(exit %d) %s\n" % (status, self._input()))
            return
        body = text if text.endswith(b"\n") else text + b"\n"
        self._feed(b"{ %s} %s\n" % (body, self._input()))

    def _input(self) -> bytes:
        """The redirection that gives a command its input, and counts lines as if there were none of ours."""
        return b"<&$(((LINENO=%d)*0+%d))" % (self.lines, self.given)

    def _follow(self) -> None:
        """Tell the judge where the shell is now, if the system says so."""
        try:
            self.sitting.moved(os.readlink(f"/proc/{self.child}/cwd"))
        except OSError:
            return

    def _feed(self, text: bytes) -> None:
        """Give the shell a command and wait until it asks for the next one, or is gone."""
        try:
            view = memoryview(text + b" ")
            while view:
                view = view[os.write(self.program, view) :]
        except BrokenPipeError:
            self._wait(os.WNOHANG)
            return
        tries = 0
        while self._unread() and not self._wait(os.WNOHANG):
            select.select([], [], [], _PAUSES[min(tries // 10, len(_PAUSES) - 1)])
            tries += 1

    def _unread(self) -> int:
        count = array.array("i", [0])
        fcntl.ioctl(self.program, termios.FIONREAD, count)
        return count[0]

    # ------------------------------------------------------------------------------------------ the end

    def _wait(self, options: int) -> bool:
        """Whether the shell is gone."""
        if self.status is None:
            child, status = os.waitpid(self.child, options)
            if child:
                self.status = status
        return self.status is not None

    def _ended(self) -> int:
        while not self._wait(0):
            pass
        assert self.status is not None
        code = os.waitstatus_to_exitcode(self.status)
        if code < 0:  # whoever waits for us must see the same end
            if -code not in (signal.SIGKILL, signal.SIGSTOP):
                signal.signal(-code, signal.SIG_DFL)
            os.kill(os.getpid(), -code)
        return code


def _runs_something(text: str) -> bool:
    """Whether there is a command in the text, and not only blanks and comments."""
    return any(line.strip() and not line.lstrip().startswith("#") for line in text.split("\n"))
