"""``agentguard-shell``: the shell executable for an agent harness. Takes bash's own command line.

What it is asked to run is judged first; then this process becomes the real shell, called with the very same words. A
program that arrives on standard input is judged command by command by the gate. Nothing of click or rich is imported
on the way of an allowed command.
"""

from __future__ import annotations

import os
import signal
import stat
import sys
from collections.abc import Sequence

from agentguard.frontdoor import FrontDoor, describe, working_directory
from agentguard.light import replace
from agentguard.passage import FAILED, REFUSED, Caller, by_a_person, caller, passes
from agentguard.programs import shell_arguments as arguments
from agentguard.programs.shell_arguments import Kind, ShellArgumentError, ShellCall
from agentguard.syntax.quoting import join

TYPE_CHECKING = False
if TYPE_CHECKING:
    from agentguard.analysis import Start
    from agentguard.policy import Policy


def main() -> None:
    """The entry point. A failure of agentguard's own is exit status 125, and nothing runs."""
    sys.exit(serve(sys.argv[0], sys.argv[1:]))


def serve(called: str, words: Sequence[str]) -> int:
    """Serve one call of the shell under the name ``called``. Returns only where this process does not become it."""
    try:
        return _serve(called, words)
    except ShellArgumentError as error:
        _say(f"{error}; nothing was run")
        return REFUSED
    except KeyboardInterrupt:  # whoever waits for us must see that end
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        os.kill(os.getpid(), signal.SIGINT)
        return REFUSED
    except Exception as error:  # the front door of this program: whatever it is, nothing runs
        _say(f"failed: {describe(error)}; nothing was run")
        return FAILED


def _name(called: str) -> str:
    """The name of the shell that is asked for. A script cannot see that it was called as ``-bash``."""
    name = os.path.basename(called)
    return name if name in ("sh", "zsh", "rbash") else "bash"


def _serve(called: str, words: Sequence[str]) -> int:
    name = _name(called)
    door = FrontDoor()
    who = caller(working_directory(), os.environ)
    policy = door.policy(who.cwd)
    shell = _real(name, policy)
    call = arguments.parse(words, called=name, terminal=_at_terminal())
    if call.kind is Kind.PROBE or (call.noexec and not call.interactive) or _of_the_harness(call, who):
        return _become(shell, called, words)
    # -i with a text ends with that text, and reads the user's own start-up files or those of the call first
    if call.kind is Kind.INTERACTIVE or (call.interactive and call.rcfile is not None):
        if (status := _interactive(policy, who)) or call.kind is Kind.INTERACTIVE:
            return status or _become(shell, called, words)
    if call.kind is Kind.STDIN:
        return _gate(door, who, shell, called, call)
    text, start = _text(call, who)
    if name == "zsh":
        text = f"zsh {join(words)}"  # whether that can be read like bash is for the adapter of shells to say
        start = replace(start, before=())
    # nothing but blanks is a command as well: it does nothing, like this one
    answer = door.judge(text if text.strip() else ":", cwd=who.cwd, env=who.env, attended=who.attended, start=start)
    if problems := door.problems:
        from agentguard.output import left_out

        left_out(problems)
    return passes(answer, who) or _become(shell, called, words)


def _of_the_harness(call: ShellCall, who: Caller) -> bool:
    """Whether this is what the harness runs at its own start."""
    if call.kind is not Kind.TEXT or not who.harness:
        return False
    from agentguard.harness.envelopes import is_start_up

    return is_start_up(call.text, who.harness)


def _text(call: ShellCall, who: Caller) -> tuple[str, Start]:
    """What must be judged, and how the shell starts that runs it."""
    from agentguard.analysis import Start
    from agentguard.harness import framed, inherited

    before = inherited.before(who.env, call)
    fed = not who.attended and _is_fed()
    if call.kind is Kind.FILE:
        # as the call of a shell, which reads the script by itself
        return f"bash {join(call.operands)}", Start(before=before, fed=fed)
    if framed.possible(call.text):
        from agentguard.harness import envelopes

        envelope = envelopes.unwrap(call.text, call.arguments, home=who.env.get("HOME", ""))
        if envelope is not None:
            return envelope.text, Start(call.name, (), before, fed)
    return call.text, Start(call.name, call.arguments, before, fed)


def _is_fed() -> bool:
    """Whether somebody else may write into our standard input while the command runs: a pipe, a terminal, a socket."""
    try:
        mode = os.fstat(0).st_mode
    except OSError:
        return False
    return stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode) or (stat.S_ISCHR(mode) and os.isatty(0))


def _interactive(policy: Policy, who: Caller) -> int:
    """0 where an interactive shell may start; what is typed into it is seen by nobody."""
    if policy.interactive == "always" or (policy.interactive == "human" and by_a_person(who)):
        return 0
    _say(
        "an interactive shell was not started: nobody could judge what is typed into it. "
        "Run each command with -c, or pass it on standard input. "
        "(A person can change this: interactive = \"always\" in their agentguard configuration.)"
    )
    return REFUSED


def _gate(door: FrontDoor, who: Caller, shell: str, called: str, call: ShellCall) -> int:
    from agentguard.analysis import Start
    from agentguard.execution.gate import Gate
    from agentguard.harness import inherited

    start = Start(call.name, call.arguments, inherited.before(who.env, call), fed=True)
    sitting = door.sitting(cwd=who.cwd, env=who.env, attended=who.attended, start=start)
    return Gate(shell, [called, *call.words], sitting, who).run()


def _real(name: str, policy: Policy) -> str:
    """The absolute path of the real shell of that name."""
    from agentguard.execution import real

    return real.check(policy.shell if name == "bash" else real.find(name, policy.shell))


def _become(shell: str, called: str, words: Sequence[str]) -> int:
    """Become the real shell under the name that was called, so that ``$0`` and ``$BASH`` are what they would be."""
    from agentguard.execution.shell import become

    try:
        become(shell, [called, *words])
    except (OSError, ValueError) as problem:
        _say(f"cannot start {shell}: {describe(problem)}; nothing was run")
    return FAILED


def _at_terminal() -> bool:
    from agentguard.confirm.attended import is_terminal

    return is_terminal(0) and is_terminal(2)


def _say(message: str) -> None:
    from agentguard import output

    output.error(message)


if __name__ == "__main__":
    main()
