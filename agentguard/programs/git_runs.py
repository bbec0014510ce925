"""What a git command starts: aliases, configured programs, hooks, and commands among its own words."""

from __future__ import annotations

import re
from collections.abc import Iterator

from agentguard import regex
from agentguard.interpret.invocation import Effect, InnerCommand, InnerScript, Invocation, Written
from agentguard.interpret.values import EMPTY, Origin, Unknown, Value, concat, literal, quoted
from agentguard.light import replace
from agentguard.operations import Opaque, ProgramCall
from agentguard.programs.contract import read_text
from agentguard.programs.git_place import SET, Place, setting, settings
from agentguard.programs.streams import join
from agentguard.world.protocol import World

_SHELL_KEYS = regex.compile(
    r"core\.(?:pager|editor|sshcommand|fsmonitor|gitproxy|askpass|alternaterefscommand)|sequence\.editor|pager\..+"
    r"|diff\.external|diff\..+\.(?:command|textconv)|interactive\.difffilter|filter\..+\.(?:clean|smudge|process)"
    r"|merge\..+\.driver|(?:difftool|mergetool|guitool|browser|man)\..+\.cmd|gpg\.(?:.+\.)?program"
    r"|uploadpack\.packobjectshook|trailer\..+\.(?:command|cmd)|remote\..+\.(?:uploadpack|receivepack)"
    r"|sendemail\.(?:.+\.)?(?:tocmd|cccmd|headercmd|smtpserver)|imap\.tunnel|instaweb\.httpd|ssh\.variant\.command"
)
#: Here only a value that begins with ``!`` is shell text.
_BANG_KEYS = regex.compile(r"alias\..+|credential\.(?:.+\.)?helper|submodule\..+\.update")
_BOOLEANS = frozenset({"", "true", "false", "yes", "no", "on", "off", "1", "0", "always", "auto"})
_READING = ("--get", "--get-all", "--get-regexp", "--list", "--unset", "--unset-all", "--get-urlmatch", "--get-color")
#: Variables whose value git hands to a shell (or starts, which reads the same for a plain program).
_VARIABLES = (
    "GIT_SSH_COMMAND", "GIT_SSH", "GIT_PAGER", "GIT_EDITOR", "GIT_SEQUENCE_EDITOR", "GIT_EXTERNAL_DIFF",
    "GIT_PROXY_COMMAND", "GIT_ASKPASS", "SSH_ASKPASS", "PAGER", "EDITOR", "VISUAL",
)  # fmt: skip
#: Variables that point git at files or programs which are not read here.
_ELSEWHERE = ("GIT_EXEC_PATH", "GIT_TEMPLATE_DIR", "GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM", "GIT_CONFIG")

#: Where aliases are noted that this command line itself configures; no file can have this name.
_ALIASES = "/dev/null/git-alias/"

_HOOKS = {
    "commit": ("pre-commit", "prepare-commit-msg", "commit-msg", "post-commit"),
    "merge": ("pre-merge-commit", "prepare-commit-msg", "commit-msg", "post-merge"),
    "pull": ("pre-merge-commit", "post-merge", "post-checkout", "pre-rebase", "post-rewrite"),
    "push": ("pre-push",),
    "checkout": ("post-checkout",),
    "switch": ("post-checkout",),
    "worktree": ("post-checkout",),
    "rebase": ("pre-rebase", "post-checkout", "post-rewrite", "post-commit", "prepare-commit-msg"),
    "cherry-pick": ("prepare-commit-msg", "post-commit"),
    "revert": ("prepare-commit-msg", "post-commit"),
    "am": ("applypatch-msg", "pre-applypatch", "post-applypatch"),
}
_SKIPPED = frozenset({"pre-commit", "commit-msg", "pre-merge-commit", "pre-push", "pre-rebase", "applypatch-msg"})
_SHEBANG = regex.compile(r"#!\s*\S*?/(?:env\s+)?(?:ba|da|z|k|a)?sh\b|(?!#!)")


def configured(call: ProgramCall, invocation: Invocation, world: World) -> Iterator[Effect]:
    """Programs named by configuration on the command line and by variables set there."""
    for key, value in settings(call, invocation, world):
        if key.startswith("alias."):
            continue  # only what is called runs
        yield from planted(key, value)
        if key in ("include.path", "core.attributesfile") or key.startswith("includeif."):
            yield Opaque(f"git reads more configuration from {value}")
    for name in _VARIABLES:
        given = invocation.env.get(name)
        if given is not None and given.pieces:
            yield InnerScript(given, name)
    for name in _ELSEWHERE:
        given = invocation.env.get(name)
        if given is not None and given.pieces and given.known != "/dev/null":
            yield Opaque(f"{name} points git at {given}, which is not read")


_SECTION = regex.compile(r"\s*\[([\w.-]+)(?:\s+\"((?:[^\"\\]|\\.)*)\")?\]\s*(.*)")
_ENTRY = regex.compile(r"\s*([\w-]+)\s*=\s*(.*)")


def in_repository(at: Place, world: World) -> Iterator[Effect]:
    """Programs that the repository's own configuration file names."""
    if at.repository is None or world.kind(f"{at.root}/.git/config") != "file":
        return
    text = read_text(literal(f"{at.root}/.git/config"), at.invocation, world).known or ""
    section = ""
    for line in text.splitlines():
        head = _SECTION.match(line)
        if head is not None:
            section = f"{head[1]}.{head[2]}." if head[2] is not None else f"{head[1]}."
            line = head[3]
        entry = _ENTRY.match(line)
        if entry is not None:
            key = (section + entry[1]).lower()
            if not key.startswith("alias."):
                yield from planted(key, literal(entry[2].strip().strip('"').replace('\\"', '"')))


def planted(key: str, value: Value) -> Iterator[Effect]:
    """A configuration value that git will run as shell text."""
    if _SHELL_KEYS.fullmatch(key):
        if (value.known or "x").lower() not in _BOOLEANS:
            yield InnerScript(value, f"git {key}")
    elif _BANG_KEYS.fullmatch(key) and value.prefix.startswith("!"):
        rest = value.prefix[1:]
        yield InnerScript(Value(((rest,) if rest else ()) + value.pieces[1:], value.sources), f"git {key}")


def alias(call: ProgramCall, at: Place, world: World) -> Iterator[Effect]:
    """``git x``: what the alias ``x`` stands for, with the words that follow."""
    name = call.subcommand[0]
    given = [value for key, value in settings(call, at.invocation, world) if key == f"alias.{name}"]
    text = given[-1] if given else at.invocation.written.get(_ALIASES + name)
    if text is None:
        known = at.repository.config(f"alias.{name}") if at.repository is not None else None
        text = literal(known) if known else None
    if text is None:
        yield Opaque(f"what git {name} does is not known")
        return
    before, rest = _around(name, at.invocation)
    head = text.prefix
    if head.startswith("!"):
        body = Value(((head[1:],) if len(head) > 1 else ()) + text.pieces[1:], text.sources)
        script = concat((body, literal(' "$@"')))
        cwd = literal(at.root) if at.root else at.directory
        yield InnerScript(script, f"git alias {name}", (literal(f"git {name}"), *rest), cwd=cwd)
        return
    words = (text.known or "").split()
    if words:
        expanded = (*before, *map(literal, _unquoted(text.known or "")), *rest)
        yield InnerCommand(expanded, f"git alias {name}")
    else:
        yield Opaque(f"what git {name} does is known only when it runs")


def _unquoted(text: str) -> list[str]:
    import shlex

    try:
        return shlex.split(text)
    except ValueError:
        return text.split()


def _around(name: str, invocation: Invocation) -> tuple[tuple[Value, ...], tuple[Value, ...]]:
    """The words before the sub-command, without settings of aliases, and those behind it."""
    words = invocation.argv
    index = next((i for i, word in enumerate(words) if i and word.known == name), len(words))
    before: list[Value] = []
    for word in words[:index]:
        if before and before[-1].known == "-c" and word.prefix.startswith(f"alias.{name}="):
            before.pop()
        else:
            before.append(word)
    return tuple(before), words[index + 1 :]


def commands(call: ProgramCall, at: Place, world: World) -> Iterator[Effect]:
    """Commands that stand among the words of a sub-command."""
    verb, words = call.subcommand, call.operands
    match verb[0]:
        case "bisect" if verb[1:] == ("run",) and words:
            yield InnerCommand(words, "git bisect run")
        case "rebase":
            for text in call.values("--exec"):
                yield InnerScript(text, "git rebase --exec")
        case "submodule" if verb[1:] == ("foreach",) and words:
            below = concat((literal(f"{at.root}/"), Value((Unknown(Origin.FILE, ".gitmodules", path_safe=True),))))
            text = words[0] if len(words) == 1 else join(map(quoted, words))
            yield InnerScript(text, "git submodule foreach", cwd=below if at.root else None)
        case "filter-branch":
            for option in call.options:
                if option.name.endswith("-filter") and option.name != "--subdirectory-filter" and option.value:
                    inside = concat((at.directory, literal("/.git-rewrite/t"))) if at.directory.known else None
                    yield InnerScript(option.value, f"git filter-branch {option.name}", cwd=inside)
        case "difftool" | "mergetool" if call.value("--extcmd") is not None:
            yield InnerScript(call.value("--extcmd") or EMPTY, "git difftool --extcmd")
        case "grep" if call.value("--open-files-in-pager") is not None:
            yield InnerScript(call.value("--open-files-in-pager") or EMPTY, "git grep -O")
    if verb[0] in ("clone", "fetch", "pull", "push", "ls-remote", "archive", "fetch-pack", "send-pack", "remote"):
        for name in ("--upload-pack", "--receive-pack", "--exec"):
            for text in call.values(name):
                yield InnerScript(text, f"git {verb[0]} {name}")
        for word in (*words, *call.values("--remote", "--repo")):
            head = word.prefix
            if head.startswith("ext::"):
                rest = re.sub(r"%(.)", lambda m: "" if m[1] in "SsGV" else "\\ " if m[1] == " " else m[1], head[5:])
                yield InnerScript(Value((rest, *word.pieces[1:])), "git ext::")
    if verb[0] == "config":
        yield from _config(call)
    if verb[0] == "clone":
        for text in call.values("--config"):
            name, _, _ = text.prefix.partition("=")
            yield from planted(name.lower(), Value((text.prefix[len(name) + 1 :], *text.pieces[1:])))


def _config(call: ProgramCall) -> Iterator[Effect]:
    """``git config core.pager CMD``: planted now, run later."""
    if call.has(*_READING) or call.subcommand[1:2] in (("get",), ("list",), ("unset",)):
        return
    if len(call.operands) >= 2 and call.operands[0].known:
        key = call.operands[0].known.lower()
        yield from planted(key, call.operands[1])
        yield Written(literal(SET + key), call.operands[1])
        if key.startswith("alias."):
            yield Written(literal(_ALIASES + key[6:]), call.operands[1])


def hooks(call: ProgramCall, at: Place, world: World) -> Iterator[Effect]:
    """The hooks in the repository that this command would run."""
    names = _HOOKS.get(call.subcommand[0], ()) if call.subcommand else ()
    if not names or at.repository is None:
        return
    skip = call.has("--no-verify")
    folder = _hooks_folder(call, at, world)
    for name in names:
        path = f"{folder}/{name}"
        if skip and name in _SKIPPED:
            continue
        if path not in at.invocation.written and world.kind(path) not in ("file", "link"):
            continue
        where = literal(path)
        text = read_text(where, at.invocation, world)
        if text.known is not None and "\0" not in text.known and _SHEBANG.match(text.known):
            yield InnerScript(text, f"git hook {name}", (where,), cwd=literal(at.root))
        elif text.known is not None and text.known.startswith("#!"):
            yield InnerCommand((where,), f"git hook {name}", cwd=literal(at.root))
        else:
            yield Opaque(f"the git hook {name} cannot be read")


def _quiet(at: Place, world: World, word: bytes) -> Place:
    """The place without its repository where no configuration file holds the word, so that git need not be asked."""
    home = world.home.rstrip("/")
    files = (f"{at.root}/.git/config", f"{home}/.gitconfig", f"{home}/.config/git/config", "/etc/gitconfig")
    texts = [(world.read(path) or b"").lower() for path in files]
    linked = world.kind(f"{at.root}/.git") == "file"
    return at if linked or any(word in text or b"[include" in text for text in texts) else replace(at, repository=None)


def _hooks_folder(call: ProgramCall, at: Place, world: World) -> str:
    """``core.hooksPath``, else the ``hooks`` directory of the repository (of the main one, for a linked work tree)."""
    given = setting("core.hooksPath", call, _quiet(at, world, b"hookspath"), world)
    if given:
        expanded = world.home + given[1:] if given.startswith("~/") else given
        return expanded if expanded.startswith("/") else f"{at.root}/{expanded}"
    if world.kind(f"{at.root}/.git") == "file":
        text = (world.read(f"{at.root}/.git", 4_096) or b"").decode("utf-8", "surrogateescape")
        linked = text.removeprefix("gitdir:").strip()
        folder = linked if linked.startswith("/") else f"{at.root}/{linked}"
        return folder.partition("/worktrees/")[0] + "/hooks"
    return f"{at.root}/.git/hooks"

