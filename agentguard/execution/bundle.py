"""The code of everything that a start needs, in one file: finding a hundred files takes as long as judging.

``agentguard shell-dir`` writes the bundle beside its shells, which load it with the few lines of :data:`LOADER`. A
module whose source has changed since (size or time) is imported as ever, and so is everything if the bundle is of
another Python.
"""

from __future__ import annotations

import marshal
import os
import subprocess
import sys
from collections.abc import Iterable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import CodeType

#: run by the entries before anything of agentguard is there: ``bundle`` is the path of the file
LOADER = '''
import gc, marshal, posix, sys
gc.set_threshold(100_000)  # there is nothing to collect in so short a life
from _frozen_importlib import ModuleSpec

class Bundle:
    def __init__(self, path):
        self.file = posix.open(path, posix.O_RDONLY | posix.O_CLOEXEC)
        length = int.from_bytes(posix.read(self.file, 4), "little")
        version, self.index = marshal.loads(posix.read(self.file, length))
        self.start = 4 + length
        if version != sys.version:
            self.index = {}

    def find_spec(self, name, path=None, target=None):
        entry = self.index.get(name)
        if entry is None:
            return None
        source, size, time, package, place, length = entry
        try:
            facts = posix.stat(source)
        except OSError:
            return None
        if facts.st_size != size or facts.st_mtime_ns != time:
            return None
        spec = ModuleSpec(name, self, origin=source, is_package=package)
        spec.has_location = True
        if package:
            spec.submodule_search_locations = [source.rpartition("/")[0]]
        return spec

    def create_module(self, spec):
        return None

    def exec_module(self, module):
        _, _, _, _, place, length = self.index[module.__name__]
        exec(marshal.loads(posix.pread(self.file, length, self.start + place)), module.__dict__)

try:
    sys.meta_path.insert(2, Bundle(bundle))
except (OSError, ValueError, EOFError, TypeError):
    pass
'''

#: says which modules a start imports, and where their source is
_LIST = """
import sys
sys.path += {path!r}
import {modules}
for name, module in list(sys.modules.items()):
    spec = getattr(module, "__spec__", None)
    if spec is not None and spec.origin and spec.origin.endswith(".py") and name == spec.name:
        print(name, spec.origin, sep="\\t")
"""
_STARTING = "agentguard.cli.shell, agentguard.analysis, agentguard.world.machine, agentguard.audit, bashlex, inspect"
_OURS = ("agentguard", "bashlex")


def write(file: str, path: list[str]) -> None:
    """Write the bundle for programs whose modules are found along ``path``.

    Raises:
        OSError: it cannot be written.
    """
    parts, index, place = [], {}, 0
    for name, source in _modules(path):
        code = marshal.dumps(_compiled(source))
        facts = os.stat(source)
        package = os.path.basename(source) == "__init__.py"
        index[name] = (source, facts.st_size, facts.st_mtime_ns, package, place, len(code))
        parts.append(code)
        place += len(code)
    head = marshal.dumps((sys.version, index))
    temporary = f"{file}.{os.getpid()}"
    with open(temporary, "xb") as out:
        out.write(len(head).to_bytes(4, "little") + head + b"".join(parts))
    os.replace(temporary, file)


def _compiled(source: str) -> CodeType:
    with open(source, "rb") as file:
        return compile(file.read(), source, "exec", dont_inherit=True)


def _modules(path: list[str]) -> Iterable[tuple[str, str]]:
    """Names and source files: all of ours, and of the others what a start imports."""
    code = _LIST.format(path=path, modules=_STARTING)
    done = subprocess.run([sys.executable, "-I", "-S", "-c", code], capture_output=True, text=True, check=True)
    found = dict(line.split("\t") for line in done.stdout.splitlines())
    for name in _OURS:
        folder = os.path.dirname(found[name])
        for place, folders, files in os.walk(folder):
            folders[:] = [inner for inner in folders if inner != "__pycache__"]
            for file in files:
                if file.endswith(".py"):
                    inner = os.path.relpath(os.path.join(place, file), os.path.dirname(folder))
                    full = inner.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
                    found.setdefault(full, os.path.join(place, file))
    return sorted(found.items())
