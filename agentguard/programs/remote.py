"""Programs that run a command on another machine, in a container or as a guest."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from agentguard.interpret.invocation import Effect, InnerCommand, InnerScript, Invocation
from agentguard.interpret.values import EMPTY, Value, literal
from agentguard.light import replace
from agentguard.operations import Opaque, ProgramCall
from agentguard.programs.contract import read_text
from agentguard.programs.streams import assignments, cut, join
from agentguard.world.protocol import World

_LOCAL_COMMANDS = ("proxycommand", "localcommand", "knownhostscommand", "permitlocalcommand")


def _host(value: Value) -> str:
    """``user@host`` and ``ssh://user@host:port`` as the host alone."""
    text = str(value).removeprefix("ssh://")
    return text.rsplit("@", 1)[-1].partition("/")[0]


def ssh(call: ProgramCall, invocation: Invocation, world: World) -> Iterator[Effect]:
    """``ssh HOST TEXT``: the words are joined and read by the shell there; some ``-o`` values run here."""
    yield from local_commands(call.values("-o"), "ssh")
    for path in call.values("-F"):
        text = read_text(path, invocation, world)
        yield from local_commands((cut_lines(text) if text.known is not None else ()), f"ssh -F {path}")
    if not call.operands or call.has("-N", "-G", "-Q", "-O"):
        return
    host, *words = call.operands
    if call.has("-W"):
        return
    place = f"ssh {_host(host)}"
    if words and words[0].prefix.startswith("-"):
        words = _after_options(words)
    if words:
        yield InnerScript(join(words), "ssh", place=place)
    elif invocation.stdin is not None:
        yield from _piped("ssh", place, invocation)
    else:
        yield Opaque(f"a session on {_host(host)}")


def cut_lines(text: Value) -> list[Value]:
    """The lines of a settings file without their indentation."""
    return [literal(line.strip(), *text.sources) for line in (text.known or "").splitlines()]


def _after_options(words: list[Value]) -> list[Value]:
    """ssh also takes options after the host (``ssh host -p 22 ls``)."""
    index = 0
    while index < len(words):
        known = words[index].known or ""
        if known == "--":
            return words[index + 1 :]
        if not known.startswith("-") or len(known) < 2:
            break
        takes = known[-1] in "bcBDEeFIiJLlmOopQRSWwP"
        index += 2 if takes else 1
    return words[index:]


def local_commands(options: Sequence[Value], step: str) -> Iterator[Effect]:
    """``-o ProxyCommand=TEXT`` and its like, which run on this machine."""
    for option in options:
        match = re.match(r"\s*(\w+)\s*[=\s]\s*", option.prefix)
        if match and match[1].lower() in _LOCAL_COMMANDS[:3]:
            text = cut(option, match.end())
            if text.known not in ("none", ""):
                yield InnerScript(text, f"{step} -o {match[1]}")


def _piped(step: str, place: str, invocation: Invocation) -> Iterator[Effect]:
    """Commands for a shell elsewhere that come in on standard input."""
    from agentguard.programs.shells import stdin_script

    for effect in stdin_script("sh", invocation, ()):
        yield replace(effect, place=place, step=step) if isinstance(effect, InnerScript) else effect


def sshpass(call: ProgramCall, invocation: Invocation, world: World) -> Iterator[Effect]:
    if call.operands:
        yield InnerCommand(call.operands, "sshpass")


def mosh(call: ProgramCall, invocation: Invocation, world: World) -> Iterator[Effect]:
    """``mosh [OPTIONS] HOST [--] [COMMAND…]``; ``--ssh`` is a local command."""
    command = call.value("--ssh")
    if command is not None:
        yield InnerScript(command, "mosh --ssh")
    if len(call.operands) > 1:
        host, *words = call.operands
        words = words[1:] if words[0].known == "--" else words
        yield InnerCommand(tuple(words), "mosh", place=f"ssh {_host(host)}")


def _exec(name: Value, words: Sequence[Value], step: str, kind: str) -> Iterator[Effect]:
    words = words[1:] if words and words[0].known == "--" else words
    if words:
        yield InnerCommand(tuple(words), step, place=f"{kind} {name}", clear_env=True)


#: Images whose entry point is a program that reaches out of the container.
_ENTRY_POINTS = {
    "terraform": "terraform", "opentofu": "tofu", "aws-cli": "aws", "azure-cli": "az", "google-cloud-cli": "gcloud",
    "kubectl": "kubectl", "helm": "helm", "git": "git", "gh": "gh", "doctl": "doctl", "pulumi": "pulumi",
    "flyway": "flyway", "liquibase": "liquibase", "curl": "curl", "rclone": "rclone", "restic": "restic", "mc": "mc",
}  # fmt: skip


def container(call: ProgramCall, invocation: Invocation, world: World) -> Iterator[Effect]:
    """``docker exec|run`` and its like, also below ``container`` and ``compose``."""
    path = call.subcommand
    step = " ".join((call.program, *path))
    verb = path[-1] if path else ""
    if path == ("unshare",) and call.operands:  # podman: as root of a user namespace
        yield InnerCommand(call.operands, step)
        return
    if "compose" in path and verb in ("up", "run", "start", "create"):
        yield Opaque(f"{step} starts what the compose file says")
    if verb not in ("exec", "run", "create") or not call.operands:
        return
    name, *words = call.operands
    if words and words[0].known == "--":
        words = words[1:]
    entry = call.value("--entrypoint")
    if entry is not None and entry.pieces:
        words = [entry, *words]
    elif verb != "exec" and "compose" not in path and words and words[0].prefix.startswith("-"):
        return  # options for the image's own entry point
    env = assignments(call.values("--env", "-e"))[0]
    directory = call.value("--workdir", "-w")
    mounts = _mounts(call)
    kind = "service" if "compose" in path or call.program.endswith("-compose") else "container"
    if words:
        host = _on_host(words, mounts, directory)
        if host is not None:
            yield InnerCommand(host, step, env=env, tags=frozenset({"mounted"}))
        yield InnerCommand(tuple(words), step, env=env, clear_env=True, place=f"{kind} {name}", cwd=directory)
        image = str(name).rpartition("/")[2].partition(":")[0].partition("@")[0]
        if verb == "run" and entry is None and image in _ENTRY_POINTS:
            yield InnerCommand((literal(_ENTRY_POINTS[image]), *words), step, env=env)
        yield from _inner_texts(words, mounts, step)
    elif verb == "exec" or invocation.stdin is not None or mounts:
        yield Opaque(f"{step} {name} starts what the image says")


def _mounts(call: ProgramCall) -> list[tuple[str, str]]:
    """(host path, container path) of the bind mounts that can be written."""
    found = []
    for option in call.values("--volume", "-v"):
        host, colon, rest = str(option).partition(":")
        inside, _, mode = rest.partition(":")
        if colon and host.startswith(("/", "~", ".")) and "ro" not in mode.split(","):
            found.append((host, inside))
    for option in call.values("--mount"):
        fields = dict(part.partition("=")[::2] for part in str(option).split(","))
        host = fields.get("source", fields.get("src", ""))
        inside = fields.get("target", fields.get("dst", fields.get("destination", "")))
        if fields.get("type", "bind") == "bind" and host.startswith("/") and inside and "readonly" not in fields:
            found.append((host, inside))
    return found


def _outside(path: str, mounts: Sequence[tuple[str, str]]) -> str | None:
    """The host's name of a path inside the container, None where it is not mounted."""
    for host, inside in sorted(mounts, key=lambda pair: -len(pair[1])):
        inside = inside.rstrip("/")
        if path == inside or path.startswith(inside + "/"):
            return (host.rstrip("/") + path[len(inside) :]) or "/"
    return None


def _on_host(
    words: Sequence[Value], mounts: Sequence[tuple[str, str]], directory: Value | None
) -> tuple[Value, ...] | None:
    """The command with mounted paths as the host names them, None where none is."""
    if not mounts:
        return None
    changed = False
    result = [words[0]]
    for word in words[1:]:
        head = word.prefix
        if directory is not None and head and not head.startswith(("/", "-")):
            head = f"{directory}/{head}"
        outside = _outside(head, mounts) if head.startswith("/") else None
        if outside is None:
            result.append(word)
        else:
            changed = True
            result.append(Value((outside, *word.pieces[1:]), word.sources))
    return tuple(result) if changed else None


def _inner_texts(words: Sequence[Value], mounts: Sequence[tuple[str, str]], step: str) -> Iterator[Effect]:
    """``sh -c 'rm -rf /mnt/x'`` in a container with mounts: the same text with the host's paths."""
    if len(words) < 3 or not mounts or words[1].known not in ("-c", "-lc", "-ec", "-ic"):
        return
    text = words[2].known
    if text is None:
        return
    moved = re.sub(r"(?<![\w/.-])/[^\s'\";&|<>()*]*", lambda match: _outside(match[0], mounts) or match[0], text)
    if moved != text:
        yield InnerCommand((words[0], words[1], literal(moved), *words[3:]), step, tags=frozenset({"mounted"}))


def pod(call: ProgramCall, invocation: Invocation, world: World) -> Iterator[Effect]:
    """``kubectl exec POD -- COMMAND`` and ``kubectl run NAME --command -- COMMAND``; older forms without ``--``."""
    verb = call.subcommand[0] if call.subcommand else ""
    if verb not in ("exec", "run", "debug", "rsh") or not call.operands:
        return
    if call.after_dashes is not None:
        words = call.operands[call.after_dashes :]
    elif verb in ("exec", "rsh"):
        at = next(index for index, word in enumerate(invocation.argv) if word is call.operands[0])
        words = invocation.argv[at + 1 :]  # ``-rf`` belongs to the command
    else:
        return
    yield from _exec(call.operands[0], words, f"{call.program} {verb}", "pod")


def guest(call: ProgramCall, invocation: Invocation, world: World) -> Iterator[Effect]:
    """vagrant, multipass, lxc, incus, machinectl, wsl, toolbox: one guest, one command."""
    step = " ".join((call.program, *call.subcommand))
    words: Sequence[Value] = call.operands
    if call.program == "vagrant":
        text = call.value("--command")
        if call.subcommand == ("ssh",) and text is not None:
            yield InnerScript(text, step, place=f"guest {words[0] if words else 'default'}")
        return
    if call.program in ("wsl", "wsl.exe"):
        rest = words[1:] if words and words[0].known == "--" else words
        if rest:
            yield InnerCommand(tuple(rest), "wsl", place="wsl")
        return
    if call.subcommand[:1] in (("exec",), ("shell",), ("run",)) and len(words) > 1:
        yield from _exec(words[0], words[1:], step, "guest")


def platform(call: ProgramCall, invocation: Invocation, world: World) -> Iterator[Effect]:
    """Commands on a hosting platform's machines: heroku run, fly ssh console -C, railway ssh, gcloud compute ssh."""
    path = " ".join(call.subcommand)
    step = f"{call.program} {path}"
    app = call.value("--app", "-a", "--project", "--service", "-s", "-p") or EMPTY
    place = f"{call.program} {app}".strip()
    if path in ("ssh console", "machine exec", "compute ssh", "ssh", "container exec", "ecs execute-command"):
        text = call.value("--command", "-C", "-c")
        if text is None and path == "machine exec" and len(call.operands) > 1:
            text = call.operands[1]
        if text is None and path == "compute ssh" and call.after_dashes is not None:
            text = join(call.operands[call.after_dashes :])
        if text is None and path == "ssh" and len(call.operands) > 1:
            yield InnerCommand(call.operands, step, clear_env=True, place=place)
        elif text is None and path == "ssh" and call.operands:
            text = call.operands[0]
        if text is not None:
            yield InnerScript(text, step, place=place)
    elif path in ("run", "run:detached", "run detached") and call.operands and call.program != "gcloud":
        if len(call.operands) > 1 and " " not in str(call.operands[0]):  # words stay words on the way
            yield InnerCommand(call.operands, step, clear_env=True, place=place)
        else:
            yield InnerScript(call.operands[0], step, place=place)
