"""git in every state: the same words lose something here and nothing there."""

from __future__ import annotations

import pytest

from agentguard.interpret.invocation import Step
from tests.fakes import FakeWorld
from tests.programs.judging import ROOT, analysed, found, in_state

DIRTY = {"src/app.py": "changed", "notes.txt": "untracked"}
CLEAN: dict[str, str] = {}
NEW = {"notes.txt": "untracked"}


@pytest.mark.parametrize(
    "command",
    [
        "git reset --hard",
        "git reset --har HEAD",
        "git -C src reset --hard",
        "git --git-dir=.git --work-tree=. reset --merge",
        "git checkout .",
        "git checkout -- src/app.py",
        "git checkout HEAD src",
        "git checkout -- '*.py'",
        "git checkout :/",
        "git checkout -f topic",
        "git restore src",
        "git restore -SW src",
        "git restore -s HEAD~1 -- src/app.py",
        "git switch --discard topic",
        "git checkout-index -fa",
        "git read-tree -u --reset HEAD",
        "git rm -f src/app.py",
        "cd src && git checkout .",
        "X=--hard; git reset $X",
        "git stash && git stash pop && git reset --hard",
        "git -c alias.nuke='reset --hard' nuke",
        "git add docs && git commit -m x && git reset --hard",
    ],
)
def test_uncommitted_changes(command: str) -> None:
    assert "git.lose-changes" in found(command, in_state(DIRTY))
    assert "git.lose-changes" not in found(command, in_state(CLEAN))


@pytest.mark.parametrize(
    "command",
    [
        "git checkout topic",
        "git checkout -- docs",
        "git checkout topic -- README.md",
        "git restore --staged .",
        "git restore -S src/app.py",
        "git reset --soft HEAD~1",
        "git reset HEAD~1",
        "git reset src/app.py",
        "git stash",
        "git switch topic",
        "git checkout -b next",
        "git clean -nfd",
        "git clean -fd docs",
        "git clean -d",
        "git rm --cached src/app.py",
        "git commit -am 'never git reset --hard'",
        "git stash -u && git reset --hard && git clean -fd && git stash pop",
        "git add -A && git commit -m wip && git checkout . && git clean -fd",
        "git clone https://git.example.com/x.git && cd x && git reset --hard v1 && git clean -fdx",
        "git worktree add ../wt && cd ../wt && git checkout .",
        "git reset --hard --help",
    ],
)
def test_nothing_lost_in_a_dirty_tree(command: str) -> None:
    assert not found(command, in_state(DIRTY), "git.lose")


@pytest.mark.parametrize(
    ("command", "rule"),
    [
        ("git clean -fd", "git.lose-untracked"),
        ("git clean -xdf", "git.lose-untracked"),
        ("git clean --forc", "git.lose-untracked"),
        ("git -c clean.requireForce=false clean", "git.lose-untracked"),
        ("git clean -f notes.txt", "git.lose-untracked"),
        ("git clean -fdX", "git.lose-ignored"),
        ("git clean -fdx config", "git.lose-ignored"),
    ],
)
def test_clean(command: str, rule: str) -> None:
    world = in_state({"notes.txt": "untracked", "config/": "ignored"})
    assert rule in found(command, world)
    assert rule not in found(command, in_state(CLEAN))


@pytest.mark.parametrize(
    "command",
    [
        "git branch -D topic",
        "git branch -df topic",
        "git branch --delete --force topic",
        "git branch -f topic main",
        "git branch -M main topic",
        "git switch -C topic main",
        "git checkout -B topic main",
        "git update-ref refs/heads/topic HEAD",
        "git fetch origin +topic:topic",
        "git fetch -f origin main:topic",
    ],
)
def test_commits_held_nowhere_else(command: str) -> None:
    assert "git.lose-commits" in found(command, in_state(CLEAN, ahead={"topic": 2}))
    assert "git.lose-commits" not in found(command, in_state(CLEAN))


def test_reset_to_another_commit() -> None:
    ahead = in_state(CLEAN, ahead={"main": 2})
    assert "git.lose-commits" in found("git reset --hard HEAD~1", ahead)
    assert "git.lose-commits" in found("git reset --hard origin/main", ahead)
    assert not found("git reset --hard HEAD", ahead, "git.")
    assert "git.lose-commits" in found("git commit -am x && git reset --hard HEAD~1", in_state(DIRTY))


@pytest.mark.parametrize(
    "command",
    [
        "git add -A && git reset --hard",
        "git add notes.txt; git checkout -f",
        "git add 'no*' && git rm -rqf .",
        "git add . && git stash && git stash pop && git reset --hard",
    ],
)
def test_new_files_that_were_given_to_git(command: str) -> None:
    assert "git.lose-changes" in found(command, in_state(NEW))
    assert "git.lose-changes" not in found(command, in_state(CLEAN))


@pytest.mark.parametrize(
    "command",
    [
        "git reset --hard",
        "git add README.md; git reset --hard",
        "git add -A && git commit -qm x && git reset --hard",
        "git add -A && git reset -q && git reset --hard",
        "git add -A --dry-run && git reset --hard",
        "git add -A && git checkout HEAD -- src",
    ],
)
def test_new_files_that_stay(command: str) -> None:
    assert "git.lose-changes" not in found(command, in_state(NEW))


def test_stashes() -> None:
    assert found("git stash clear", in_state(CLEAN, stashes=2), "git.") == {"git.lose-stashes"}
    assert found("git stash drop", in_state(CLEAN), "git.") == set()
    assert found("git stash && git stash drop", in_state(DIRTY), "git.") == {"git.lose-stashes"}
    assert found("git stash pop", in_state(CLEAN, stashes=1), "git.") == set()


@pytest.mark.parametrize("command", ["git reset --hard", "git clean -fd", "git checkout .", "git branch -D x"])
def test_elsewhere_is_not_judged_by_the_local_state(command: str) -> None:
    assert found(f"ssh build1 'cd /srv/app && {command}'", in_state(CLEAN), "git.lose")
    assert found(f"GIT_DIR=/srv/other/.git {command}", in_state(CLEAN), "git.lose")


@pytest.mark.parametrize(
    ("command", "rule"),
    [
        ("git push -fu origin topic", "git.push-force"),
        ("git push --force", "git.push-force-protected"),
        ("git push --force origin @", "git.push-force-protected"),
        ("git push --force origin topic HEAD", "git.push-force-protected"),
        ("git push --force origin :", "git.push-force-protected"),
        ("git push origin HEAD:main -f", "git.push-force-protected"),
        ("git push origin +topic", "git.push-plus"),
        ("git push origin :topic", "git.push-empty"),
        ("git push -d origin topic", "git.push-delete"),
        ("git push --mirror", "git.push-mirror"),
        ("git -c remote.origin.mirror=true push", "git.push-mirror"),
        ("git -c gc.pruneExpire=now gc", "git.gc-now"),
        ("git worktree remove -f ../wt", "git.worktree-remove-force"),
        ("git credential fill", "git.credential-fill"),
    ],
)
def test_what_needs_no_state(command: str, rule: str) -> None:
    assert rule in found(command, in_state(CLEAN))


@pytest.mark.parametrize(
    "command",
    ["git push", "git push -n -f", "git push --force-with-lease origin topic", "git push origin HEAD:topic", "git gc"],
)
def test_everyday_pushes_run(command: str) -> None:
    assert not found(command, in_state(CLEAN))


@pytest.mark.parametrize(
    ("command", "step"),
    [
        ("git -c alias.x='!touch a' x", "git alias x"),
        ("git -c core.pager='touch a' log", "git core.pager"),
        ("git config core.sshCommand 'touch a'", "git core.sshcommand"),
        ("GIT_SSH_COMMAND='touch a' git fetch", "GIT_SSH_COMMAND"),
        ("GIT_CONFIG_COUNT=1 GIT_CONFIG_KEY_0=core.editor GIT_CONFIG_VALUE_0='touch a' git commit", "git core.editor"),
        ("git rebase -x 'touch a' main", "git rebase --exec"),
        ("git bisect run touch a", "git bisect run"),
        ("git submodule foreach --recursive 'touch a'", "git submodule foreach"),
        ("git filter-branch --msg-filter 'touch a' HEAD", "git filter-branch --msg-filter"),
        ("git difftool -y -x 'touch a'", "git difftool --extcmd"),
        ("git grep -O'touch a' x", "git grep -O"),
        ("git clone 'ext::touch a' there", "git ext::"),
        ("git fetch --upload-pack='touch a' origin", "git fetch --upload-pack"),
    ],
)
def test_what_git_starts(command: str, step: str) -> None:
    started = [i for i in analysed(command, in_state(CLEAN)).invocations if i.name == "touch"]
    assert started and Step(step, started[0].trail[-1].span) in started[0].trail


def test_configuration_that_starts_nothing() -> None:
    for command in ("git -c core.fsmonitor=true status", "git config alias.st status", "git config core.hooksPath h"):
        assert [i.name for i in analysed(command, in_state(CLEAN)).invocations] == ["git"]


def _with_files(**files: str) -> FakeWorld:
    world = in_state(CLEAN)
    world.files = {**world.files, **{f"{ROOT}/{name}": text for name, text in files.items()}}
    return world


def test_hooks_run_unless_skipped() -> None:
    world = _with_files(**{".git/hooks/pre-commit": "#!/bin/sh\ntouch a\n", ".git/hooks/post-commit": "touch b\n"})
    assert [i.name for i in analysed("git commit -m x", world).invocations] == ["git", "touch", "touch"]
    assert [i.name for i in analysed("git commit -nm x", world).invocations] == ["git", "touch"]
    assert [i.name for i in analysed("git status", world).invocations] == ["git"]


def test_hooks_of_another_folder() -> None:
    world = _with_files(**{".husky/pre-push": "touch a\n", ".git/config": "[core]\n\thooksPath = .husky\n"})
    assert world.git is not None
    world.git.settings = {"core.hooksPath": ".husky"}
    assert [i.name for i in analysed("git push", world).invocations] == ["git", "touch"]


def test_aliases_of_the_repository() -> None:
    aliases = {"alias.undo": "checkout --", "alias.wipe": "!git reset --hard", "alias.st": "status"}
    world = in_state(DIRTY, settings=aliases)
    assert "git.lose-changes" in found("git undo src/app.py", world)
    assert "git.lose-changes" in found("git wipe", world)
    assert not found("git st", world)
    assert analysed("git no-such-thing", world).opaque


def test_made_directories_are_fresh() -> None:
    analysis = analysed("git clone https://git.example.com/o/tool.git && rm -rf tool", in_state(CLEAN))
    assert f"{ROOT}/tool" in analysis.invocations[-1].created


def test_names_of_a_search_are_judged_by_place() -> None:
    rules = {f.rule for f in analysed("git -C ~ grep -l x -- ~/notes | xargs rm", FakeWorld()).findings}
    assert any(rule.startswith("files.delete-") for rule in rules)
