"""Programs that hand their words to git in a repository of their own: pass, chezmoi, yadm, vcsh, etckeeper."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from agentguard.interpret.invocation import Effect, InnerCommand, Invocation
from agentguard.interpret.values import EMPTY, Value, literal
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
#: words of yadm that are not git's
_YADM: Final = frozenset(
    (
        *("alt", "bootstrap", "clone", "config", "decrypt", "encrypt", "gitconfig", "init", "introspect", "list"),
        *("perms", "transcrypt", "git-crypt", "upgrade", "version", "help"),
    )
)
#: words of vcsh that are no name of a repository
_VCSH: Final = frozenset(
    (
        *("clone", "commit", "delete", "enter", "foreach", "help", "init", "list", "list-tracked", "list-tracked-by"),
        *("list-untracked", "pull", "push", "rename", "status", "upgrade", "version", "which", "write-gitignore"),
    )
)


def repository(call: ProgramCall, invocation: Invocation, world: World) -> Iterator[Effect]:
    """``pass git WORDS…``, ``chezmoi git -- WORDS…``, ``etckeeper vcs WORDS…``."""
    verb, *words = _plain(call, invocation) or (EMPTY,)
    store = _STORES.get((call.program, verb.known or ""))
    if store is None:
        return
    dashes = next((index for index, word in enumerate(words) if word.known == "--"), None)
    if call.program == "chezmoi" and dashes is not None:  # ends chezmoi's own options
        del words[dashes]
    directory = literal(store if store.startswith("/") else f"{world.home.rstrip('/')}/{store}")
    yield InnerCommand((literal("git"), *words), f"{call.program} {verb}", cwd=directory)


def home_tree(call: ProgramCall, invocation: Invocation, world: World) -> Iterator[Effect]:
    """``yadm GIT-WORDS…`` and ``vcsh NAME GIT-WORDS…``: the work tree is the home directory."""
    words = _plain(call, invocation)
    first = words[0].known if words else None
    home = world.home.rstrip("/")
    if first is None:
        return
    if call.program == "vcsh":
        if first == "run":
            words = words[1:]
            if len(words) > 1:
                yield InnerCommand(words[1:], "vcsh run")
        elif first not in _VCSH and len(words) > 1:
            yield _git(words[1:], f"{home}/.config/vcsh/repo.d/{first}.git", home, "vcsh")
    elif first == "enter":
        if len(words) > 1:
            yield InnerCommand(words[1:], "yadm enter")
    elif first not in _YADM:
        yield _git(words, f"{home}/.local/share/yadm/repo.git", home, "yadm")


def _plain(call: ProgramCall, invocation: Invocation) -> tuple[Value, ...]:
    """The words as they stand from the first on that is neither an option of the program nor the value of one."""
    first = next(iter(call.words()), None)
    argv = invocation.argv
    return argv[next((at for at, word in enumerate(argv) if at and str(word) == first), len(argv)) :]


def _git(words: Sequence[Value], folder: str, home: str, step: str) -> InnerCommand:
    return InnerCommand((literal("git"), literal(f"--git-dir={folder}"), literal(f"--work-tree={home}"), *words), step)
