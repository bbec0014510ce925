"""Which files a scan reads, and what kind each of them is."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Callable, Iterator, Sequence

from agentguard import regex
from agentguard.programs.first_line import command

#: Larger files are not read (bytes).
LARGEST = 1024 * 1024
#: Every kind of file that is read. ``markdown`` only where it is asked for.
KINDS = (
    "shell", "make", "dockerfile", "workflow", "gitlab", "compose", "package", "just", "task", "sql", "markdown",
)  # fmt: skip
#: A shell script in a language that is not read.
UNREAD = "unread"

#: Directories that hold what others wrote or what a build made.
_SKIPPED = frozenset((
    ".git", ".hg", ".svn", ".jj", "node_modules", "bower_components", "vendor", "third_party", "site-packages",
    ".venv", "venv", ".tox", ".nox", "__pycache__", ".terraform", ".cache", ".mypy_cache", ".ruff_cache",
    ".pytest_cache", ".gradle", ".direnv", ".yarn", ".pnpm-store", ".next", ".nuxt", "Pods",
))  # fmt: skip
_EXTENSIONS = {
    ".sh": "shell", ".bash": "shell", ".ksh": "shell", ".bats": "shell", ".mk": "make", ".mak": "make", ".sql": "sql",
    ".dockerfile": "dockerfile", ".md": "markdown", ".markdown": "markdown", ".just": "just",
    ".zsh": UNREAD, ".fish": UNREAD,
}  # fmt: skip
#: Lower-case names, and what they begin or end with.
_NAMES = {
    "gnumakefile": "make", "makefile": "make", "dockerfile": "dockerfile", "containerfile": "dockerfile",
    "action.yml": "workflow", "action.yaml": "workflow", "compose.yml": "compose", "compose.yaml": "compose",
    "package.json": "package", "justfile": "just", ".justfile": "just",
    ".bashrc": "shell", ".bash_profile": "shell", ".bash_aliases": "shell", ".profile": "shell", ".envrc": "shell",
    "pkgbuild": "shell",
}  # fmt: skip
_PATTERNS = regex.compile(
    r"(?:(?P<make>makefile\..*|.*\.makefile)|(?P<dockerfile>dockerfile[.-].*|containerfile\..*|.*\.containerfile)"
    r"|(?P<gitlab>.*\.gitlab-ci\.ya?ml)|(?P<compose>(?:docker-compose.*|compose[-_.].*)\.ya?ml)"
    r"|(?P<task>taskfile(?:\.dist)?\.ya?ml))",
    re.DOTALL,
)
_TEMPLATES = frozenset((".j2", ".tmpl", ".tpl", ".erb", ".template", ".dockerignore", ".in"))
#: Names that end so hold no script that a ``#!`` line would tell of; files with another end are looked into.
_NO_SCRIPTS = frozenset((
    ".c", ".h", ".cc", ".cpp", ".cxx", ".hh", ".hpp", ".m", ".mm", ".rs", ".go", ".java", ".kt", ".scala", ".cs", ".vb",
    ".swift", ".py", ".pyi", ".pyc", ".pyx", ".rb", ".pl", ".pm", ".php", ".js", ".mjs", ".cjs", ".ts", ".tsx", ".jsx",
    ".vue", ".svelte", ".lua", ".r", ".jl", ".ex", ".exs", ".erl", ".hrl", ".hs", ".ml", ".mli", ".el", ".clj", ".s",
    ".asm", ".html", ".htm", ".xhtml", ".xml", ".xsl", ".xsd", ".css", ".scss", ".less", ".svg", ".png", ".jpg",
    ".jpeg", ".gif", ".ico", ".webp", ".pdf", ".ps", ".eps", ".woff", ".woff2", ".ttf", ".otf", ".eot", ".json",
    ".jsonc", ".jsonl", ".yaml", ".yml", ".toml", ".ini", ".csv", ".tsv", ".txt", ".rst", ".adoc", ".tex", ".po",
    ".pot", ".mo", ".lock", ".sum", ".mod", ".map", ".snap", ".patch", ".diff", ".proto", ".zip", ".gz", ".bz2", ".xz",
    ".zst", ".tar", ".tgz", ".jar", ".whl", ".so", ".a", ".o", ".dll", ".exe", ".class", ".bin", ".dat", ".db", ".mp3",
    ".mp4", ".wav", ".ogg", ".key", ".pem", ".crt", ".asc", ".sig", ".1", ".3", ".5", ".7", ".8",
))  # fmt: skip
#: The shells whose scripts are read.
SHELLS = frozenset(("sh", "bash", "dash", "ash", "ksh", "mksh"))
_NOT_READ = frozenset(("zsh", "fish", "csh", "tcsh", "nu", "elvish", "xonsh"))


def named(path: str) -> str:
    """The kind of a file by its place and name, "" where these do not tell."""
    name = os.path.basename(path).lower()
    extension = os.path.splitext(name)[1]
    if extension in _TEMPLATES:
        return ""
    parts = path.replace(os.sep, "/").split("/")
    if extension in (".yml", ".yaml") and parts[-3:-1] in ([".github", "workflows"], [".gitea", "workflows"],
                                                           [".forgejo", "workflows"]):  # fmt: skip
        return "workflow"
    if extension in (".yml", ".yaml") and (".gitlab-ci" in parts[:-1] or ".gitlab/ci/" in "/".join(parts)):
        return "gitlab"  # what a pipeline includes lies there by custom
    if name in _NAMES:
        return _NAMES[name]
    found = _PATTERNS.fullmatch(name)
    return found.lastgroup or "" if found is not None else _EXTENSIONS.get(extension, "")


def interpreter(head: bytes) -> str:
    """The program of a ``#!`` line, ``env`` and its options seen through; "" without one."""
    return os.path.basename(next(iter(command(os.fsdecode(head.partition(b"\n")[0]))), ""))


def kind(path: str, head: bytes) -> str:
    """The kind of a file from its name and its first bytes; "" for one that is not scanned."""
    found = named(path)
    if found and found not in ("shell", UNREAD):
        return found
    program = interpreter(head)
    if program in SHELLS or program == "bats":
        return "shell"
    if program in _NOT_READ:
        return UNREAD
    if program == "make" or (program == "just" and not found):
        return program
    return found if not program else ""


def walk(directory: str, leaves_out: Callable[[str], bool] = lambda path: False) -> Iterator[str]:
    """The files below a directory, sorted, that could be of a kind. Links are not followed.

    ``leaves_out`` is asked about each directory and file and looks into neither.
    """
    waiting = [directory]
    while waiting:
        at = waiting.pop()
        try:
            with os.scandir(at) as found:
                entries = sorted(found, key=lambda entry: entry.name)
        except OSError:
            continue
        below = []
        for entry in entries:
            try:
                if entry.is_dir(follow_symlinks=False):
                    if entry.name not in _SKIPPED and not leaves_out(entry.path):
                        below.append(entry.path)
                elif entry.is_file(follow_symlinks=False) and _worth(entry) and not leaves_out(entry.path):
                    yield entry.path
            except OSError:
                continue
        waiting.extend(reversed(below))


def _worth(entry: os.DirEntry[str]) -> bool:
    """Whether to look into a file at all: by its name, because it may be run, or because its name ends like no other
    kind of file: maintainer scripts, services, hooks and templates have ends of their own."""
    if named(entry.path):
        return True
    extension = os.path.splitext(entry.name)[1]
    return extension.lower() not in _NO_SCRIPTS or bool(entry.stat(follow_symlinks=False).st_mode & stat.S_IXUSR)


def load(path: str) -> bytes | str | None:
    """The content of a regular file, why it is not read, or None for what is passed over without a word."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except (OSError, ValueError) as error:
        return f"cannot be read: {getattr(error, 'strerror', None) or error}"
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            return None if stat.S_ISDIR(status.st_mode) else "is not a regular file"
        head = os.read(descriptor, 512)
        if not kind(path, head):
            return None
        if status.st_size > LARGEST:
            return f"is larger than {LARGEST:,} bytes and is not read"
        with os.fdopen(os.dup(descriptor), "rb") as file:
            return head + file.read(LARGEST)
    except OSError as error:
        return f"cannot be read: {error.strerror or error}"
    finally:
        os.close(descriptor)


def expand(paths: Sequence[str], leaves_out: Callable[[str], bool] = lambda path: False) -> Iterator[tuple[str, bool]]:
    """Each path with whether it was named itself; directories become the files in them. No file comes twice.

    Without the paths that ``leaves_out`` names; standard input always stays.
    """
    seen: set[str] = set()
    for path in paths:
        folder = path != "-" and os.path.isdir(path)
        if path != "-" and leaves_out(path):
            continue
        for file in walk(path, leaves_out) if folder else (path,):
            key = os.path.normpath(file)
            if key not in seen:
                seen.add(key)
                yield file, not folder
