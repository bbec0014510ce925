"""Dataclasses that cost almost nothing at start-up: the same names as in ``dataclasses``, for what agentguard uses.

The guard starts anew before every command. The standard module imports ``inspect`` and compiles half a dozen methods
for every class, about 0.3 ms each, and most of the classes are not even used for one command. Here the methods are
shared, and the only compiled one, ``__init__``, is made when the first object is. For the type checker these *are*
the standard dataclasses; ``frozen`` is its promise alone and is not enforced again at run time.
"""

from __future__ import annotations

TYPE_CHECKING = False

if TYPE_CHECKING:
    from dataclasses import dataclass as dataclass
    from dataclasses import field as field
    from dataclasses import fields as fields
    from dataclasses import is_dataclass as is_dataclass
    from dataclasses import replace as replace
else:
    import marshal
    from operator import attrgetter

    from agentguard import kept

    _MISSING = object()

    class Field:
        """One field: its name, its default or what makes one, and where it takes part."""

        __slots__ = ("compare", "default", "factory", "init", "name", "repr")

        def __init__(self, default, factory, init, compare, repr):
            self.name = ""
            self.default = default
            self.factory = factory
            self.init = init
            self.compare = compare
            self.repr = repr

    def field(*, default=_MISSING, default_factory=_MISSING, init=True, compare=True, repr=True):
        """See ``dataclasses.field``."""
        return Field(default, default_factory, init, compare, repr)

    def dataclass(cls=None, /, *, frozen=False, slots=True):
        """See ``dataclasses.dataclass``. Classes always have slots."""
        return (lambda cls: _made(cls, frozen)) if cls is None else _made(cls, frozen)

    def fields(of):
        """The fields of a dataclass or of an object of one, in order."""
        return tuple(of.__dataclass_fields__.values())

    def is_dataclass(of):
        """Whether this is a dataclass or an object of one."""
        return hasattr(of, "__dataclass_fields__")

    def replace(of, /, **changes):
        """A copy of an object with some fields changed."""
        cls = of.__class__
        copy = cls.__dict__.get("_copied")
        if copy is None:
            copy = cls._copied = _copying(cls)
        made = copy(of)
        for name, value in changes.items():
            setattr(made, name, value)
        return made

    def _made(cls, frozen):
        known = {}
        for base in reversed(cls.__mro__[1:]):
            known.update(getattr(base, "__dataclass_fields__", {}))
        inherited = set(known)
        namespace = dict(cls.__dict__)
        for name in namespace.get("__annotations__", ()):
            default = namespace.pop(name, _MISSING)
            item = default if isinstance(default, Field) else Field(default, _MISSING, True, True, True)
            item.name = name
            known[name] = item
        for name in ("__dict__", "__weakref__"):
            namespace.pop(name, None)
        namespace["__slots__"] = tuple(name for name in known if name not in inherited)
        namespace["__dataclass_fields__"] = known
        namespace["__match_args__"] = tuple(name for name, item in known.items() if item.init)
        key = _key([name for name, item in known.items() if item.compare])
        for name, method in (("__repr__", _repr), ("__eq__", _equality(key))):
            namespace.setdefault(name, method)
        if namespace.get("__hash__") is None:
            namespace["__hash__"] = (lambda self: hash(key(self))) if frozen else None
        own_init = "__init__" in namespace
        made = type(cls)(cls.__name__, cls.__bases__, namespace)
        if not own_init:
            made.__init__ = _first_init(made)
        return made

    def _key(names):
        return attrgetter(*names) if names else lambda self: ()

    def _equality(key):
        def __eq__(self, other):
            if other.__class__ is not self.__class__:
                return NotImplemented
            return key(self) == key(other)

        return __eq__

    def _repr(self):
        shown = (f"{name}={getattr(self, name)!r}" for name, item in self.__dataclass_fields__.items() if item.repr)
        return f"{self.__class__.__qualname__}({', '.join(shown)})"

    def _first_init(cls):
        """An ``__init__`` that puts the compiled one in its place when it is called first."""

        def __init__(self, *args, **kwargs):
            made = cls.__init__ = _init(cls)
            made(self, *args, **kwargs)

        return __init__

    def _init(cls):
        given, body = [], []
        context = {"_MISSING": _MISSING}
        for name, item in cls.__dataclass_fields__.items():
            value = name
            if item.factory is not _MISSING:
                context[f"_make_{name}"] = item.factory
                value = f"_make_{name}() if {name} is _MISSING else {name}" if item.init else f"_make_{name}()"
            elif item.default is not _MISSING:
                context[f"_default_{name}"] = item.default
                value = name if item.init else f"_default_{name}"
            if item.init:
                default = "_MISSING" if item.factory is not _MISSING else f"_default_{name}"
                plain = item.factory is _MISSING and item.default is _MISSING
                given.append(name if plain else f"{name}={default}")
            body.append(f"\n self.{name}={value}")
        exec(_code(f"def __init__(self,{','.join(given)}):{''.join(body) or ' pass'}"), context)
        return context["__init__"]

    def _copying(cls):
        """What copies an object of a class field by field; what ``__init__`` makes by itself is made anew."""
        context = {"_new": cls.__new__, "_cls": cls}
        body = ""
        for name, item in cls.__dataclass_fields__.items():
            value = f"self.{name}"
            if not item.init and item.factory is not _MISSING:
                context[f"_make_{name}"] = item.factory
                value = f"_make_{name}()"
            body += f"\n made.{name}={value}"
        exec(_code(f"def _copied(self):\n made=_new(_cls){body}\n return made"), context)
        return context["_copied"]

    def _code(source):
        """The compiled source, which is kept: compiling takes ten times as long as reading it."""
        code = kept.methods.get(source)
        if code is not None:
            return marshal.loads(code)
        made = compile(source, "<light>", "exec", dont_inherit=True)
        kept.methods.put(source, marshal.dumps(made))
        return made
