"""Programs that hand their words to git in a repository of their own: pass, chezmoi, yadm, vcsh, etckeeper."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from agentguard import regex
from agentguard.interpret.invocation import Effect, InnerCommand, Invocation
from agentguard.interpret.values import Value, literal
from agentguard.operations import ProgramCall
from agentguard.world.protocol import World

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

#: program and the word before git's own → the work tree, below the home directory where relative
_STORES: Final = {
    ("pass", "git"): ".password-store",
    ("passage", "git"): ".passage/store",
    ("gopass", "git"): ".local/share/gopass/stores/root",
    ("chezmoi", "git"): ".local/share/chezmoi",
    ("etckeeper", "vcs"): "/etc",
    ("rcm", "git"): ".dotfiles",
    ("homeshick", "git"): ".homesick/repos",
}
#: words of yadm and vcsh that are not git's
_OWN: Final = regex.compile(
    r"(?:alt|bootstrap|clone|config|decrypt|encrypt|enter|gitconfig|init|introspect|list(?:-tracked(?:-by)?|-untracked)?"
    r"|perms|transcrypt|git-crypt|upgrade|version|help|delete|foreach|pull|push|rename|run|status|which"
    r"|write-gitignore|commit|-.*)"
)


def repository(call: ProgramCall, invocation: Invocation, world: World) -> Iterator[Effect]:
    """``pass git WORDS…``, ``chezmoi git -- WORDS…``, ``etckeeper vcs WORDS…``."""
    argv = invocation.argv
    verb = next((word.known or "" for word in argv[1:] if not word.prefix.startswith("-")), "")
    store = _STORES.get((call.program, verb))
    if store is None:
        return
    at = next(index for index, word in enumerate(argv) if word.known == verb)
    words = list(argv[at + 1 :])
    dashes = next((index for index, word in enumerate(words) if word.known == "--"), None)
    if call.program == "chezmoi" and dashes is not None:  # ends chezmoi's own options
        del words[dashes]
    directory = literal(store if store.startswith("/") else f"{world.home.rstrip('/')}/{store}")
    yield InnerCommand((literal("git"), *words), f"{call.program} {verb}", cwd=directory)


def home_tree(call: ProgramCall, invocation: Invocation, world: World) -> Iterator[Effect]:
    """``yadm GIT-WORDS…`` and ``vcsh NAME GIT-WORDS…``: the work tree is the home directory."""
    words = invocation.argv[1:]
    home = world.home.rstrip("/")
    if call.program == "vcsh":
        if len(words) > 2 and words[0].known == "run":
            yield InnerCommand(words[2:], "vcsh run")
            return
        name = words[0] if words else None
        if name is None or len(words) < 2 or _OWN.fullmatch(name.known or "-"):
            return
        yield _git(words[1:], f"{home}/.config/vcsh/repo.d/{name}.git", home, "vcsh")
    elif words and words[0].known == "enter":
        if len(words) > 1:
            yield InnerCommand(words[1:], "yadm enter")
    elif words and (
        not _OWN.fullmatch(words[0].known or "-") or words[0].known in ("pull", "push", "commit", "status")
    ):
        yield _git(words, f"{home}/.local/share/yadm/repo.git", home, "yadm")


def _git(words: Sequence[Value], folder: str, home: str, step: str) -> InnerCommand:
    return InnerCommand((literal("git"), literal(f"--git-dir={folder}"), literal(f"--work-tree={home}"), *words), step)
