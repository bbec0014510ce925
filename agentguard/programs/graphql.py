"""GraphQL in requests: which root fields an operation really has.

graphql-core reads the documents. It is imported only where a document may hold a mutation, because importing it takes
longer than everything else together.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from agentguard import regex
from agentguard.interpret.values import Value
from agentguard.light import dataclass
from agentguard.operations import GraphqlOperation
from agentguard.programs.url import pierce

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from graphql.language import DocumentNode, FieldNode, OperationDefinitionNode, SelectionSetNode, ValueNode

#: More text than this is judged by its words alone.
MAX_DOCUMENT = 100_000
_HOLES = regex.compile("[\ue000-\uf8ff]")
_NOISE = regex.compile(r'"""(?:[^"\\]|\\.|"(?!""))*"""|"(?:[^"\\\n]|\\.)*"|#[^\n]*')
_NAME = regex.compile(r"[_A-Za-z]\w*")
_LOOKS = regex.compile(r"\s*(?:(?:#[^\n]*\n\s*)*)(?:\{|query\b|mutation\b|subscription\b|fragment\b)")
_DEPTH = 20


@dataclass(frozen=True, slots=True)
class Request:
    """One GraphQL request: the document, the operation asked for, and the variables where they are known.

    ``query`` None: something is sent that is not a readable document (a persisted query, an unknown body).
    """

    query: str | None
    operation: str = ""
    variables: Mapping[str, Any] | None = None


def looks_like(text: str) -> bool:
    """Whether text begins like a GraphQL document."""
    return _LOOKS.match(text) is not None


def requests(body: Value, *, endpoint: bool, raw: bool = False) -> list[Request]:
    """The GraphQL requests in a body: JSON, a batch, a form, or (``raw``) the document itself.

    ``endpoint``: the URL says that this is GraphQL, so a body that cannot be read is an unknown request.
    """
    text, _ = pierce(body)
    if not text.strip():
        return []
    if raw:
        return [Request(text)]
    found = _json(text)
    if found is None:
        found = _form(text)
    if found is None and endpoint and looks_like(text) and not text.lstrip().startswith('{"'):
        return [Request(text)]
    if found is None:  # broken JSON: its words are judged without their quotes
        bare = text.replace("\\", " ").replace('"', " ")
        return [Request(bare if "mutation" in text else None)] if endpoint else []
    if not endpoint:
        found = [request for request in found if request.query is not None and looks_like(request.query)]
    return found


def _json(text: str) -> list[Request] | None:
    if text.lstrip()[:1] not in ("{", "["):
        return None
    import json

    try:
        value = json.loads(text, strict=False)
    except (ValueError, RecursionError):
        try:
            value = json.loads(_HOLES.sub(lambda hole: f'"{hole[0]}"', text), strict=False)
        except (ValueError, RecursionError):
            return None
    items = value if isinstance(value, list) else [value]
    found = []
    for item in items:
        if not isinstance(item, dict):
            continue
        query = item.get("query")
        if query is None and not {"extensions", "id", "operationName", "documentId", "doc_id", "queryId"} & item.keys():
            continue
        variables = item.get("variables")
        name = item.get("operationName")
        found.append(
            Request(
                query if isinstance(query, str) else None,
                name if isinstance(name, str) else "",
                variables if isinstance(variables, dict) else None if variables is not None else {},
            )
        )
    return found


def _form(text: str) -> list[Request] | None:
    """``query=…&operationName=…&variables=…``, as in a form body or a query string."""
    if not re.match(r"[\w.\[\]-]+=", text):
        return None
    fields: dict[str, str] = {}
    for part in text.split("&"):
        name, _, value = part.partition("=")
        fields.setdefault(name, decoded(value))
    if "operations" in fields:
        return _json(fields["operations"])
    if "query" not in fields:
        return [] if "extensions" not in fields else [Request(None)]
    import json

    variables: Any = {}
    if "variables" in fields:
        try:
            variables = json.loads(fields["variables"])
        except ValueError:
            variables = None
    return [Request(fields["query"], fields.get("operationName", ""), variables)]


def decoded(text: str) -> str:
    """Form decoding."""
    text = text.replace("+", " ")
    return re.sub(
        r"(?:%[0-9a-fA-F]{2})+", lambda m: bytes.fromhex(m[0].replace("%", "")).decode("utf-8", "replace"), text
    )


def operations(request: Request, host: Value, path: Value) -> Iterator[GraphqlOperation]:
    """What a request does. A document that cannot be read, but could be a mutation, is opaque."""
    text = request.query
    if text is None:
        yield GraphqlOperation("unknown", (), host, path, opaque=True)
        return
    code = _NOISE.sub(" ", text)
    holes = bool(_HOLES.search(code))
    if not re.search(r"\bmutation\b", code) and not holes:
        kind = "subscription" if re.match(r"\s*subscription\b", code) else "query"
        yield GraphqlOperation(kind, (), host, path)
        return
    document = _parsed(text)
    if document is None:
        yield GraphqlOperation(
            "mutation" if re.search(r"\bmutation\b", code) else "unknown",
            tuple(dict.fromkeys(_NAME.findall(code)))[:200],
            host,
            path,
            opaque=True,
        )
        return
    yield from _read(document, request, host, path)


def _parsed(text: str) -> DocumentNode | None:
    if len(text) > MAX_DOCUMENT:
        return None
    from graphql.error import GraphQLError
    from graphql.language import parse

    try:
        return parse(_HOLES.sub(lambda hole: f"hole{ord(hole[0])}", text), no_location=True, max_tokens=20_000)
    except (GraphQLError, RecursionError):
        return None


def _read(document: DocumentNode, request: Request, host: Value, path: Value) -> Iterator[GraphqlOperation]:
    from graphql.language import FragmentDefinitionNode, OperationDefinitionNode

    fragments = {d.name.value: d.selection_set for d in document.definitions if isinstance(d, FragmentDefinitionNode)}
    found = [d for d in document.definitions if isinstance(d, OperationDefinitionNode)]
    named = [d for d in found if d.name is not None and d.name.value == request.operation]
    for definition in named if request.operation and named else found:
        fields = list(_fields(definition.selection_set, fragments, 0))
        variables = {**_defaults(definition), **(request.variables or {})}
        arguments = [pair for field in fields for pair in _arguments(field, variables, request.variables is None)]
        yield GraphqlOperation(
            definition.operation.value,
            tuple(dict.fromkeys(field.name.value for field in fields)),
            host,
            path,
            tuple(arguments),
        )


def _fields(selection: SelectionSetNode, fragments: Mapping[str, SelectionSetNode], depth: int) -> Iterator[FieldNode]:
    from graphql.language import FieldNode, FragmentSpreadNode, InlineFragmentNode

    if depth > _DEPTH:
        return
    for item in selection.selections:
        if isinstance(item, FieldNode):
            yield item
        elif isinstance(item, InlineFragmentNode):
            yield from _fields(item.selection_set, fragments, depth + 1)
        elif isinstance(item, FragmentSpreadNode) and item.name.value in fragments:
            yield from _fields(fragments[item.name.value], fragments, depth + 1)


def _defaults(definition: OperationDefinitionNode) -> dict[str, Any]:
    from graphql.utilities import value_from_ast_untyped

    return {
        v.variable.name.value: value_from_ast_untyped(v.default_value)
        for v in definition.variable_definitions or ()
        if v.default_value is not None
    }


def _arguments(field: FieldNode, variables: Mapping[str, Any], unreadable: bool) -> Iterator[tuple[str, str]]:
    """Every argument under its dotted name, and all of them together under ``field.*``."""
    import json

    values = {a.name.value: _value(a.value, variables, unreadable) for a in field.arguments or ()}
    for name, value in values.items():
        yield from _flat(f"{field.name.value}.{name}", value)
    yield f"{field.name.value}.*", _visible(json.dumps(values, default=str, ensure_ascii=False))


def _value(node: ValueNode, variables: Mapping[str, Any], unreadable: bool) -> Any:
    from graphql.utilities import value_from_ast_untyped

    unset = {"…": "…"}
    if unreadable:
        from graphql.language import VariableNode

        if isinstance(node, VariableNode):
            return "…"
    return value_from_ast_untyped(node, {**unset, **variables})


def _flat(name: str, value: Any) -> Iterator[tuple[str, str]]:
    """``input.state`` style names for what lies inside of objects, beside the text of the whole."""
    import json

    if isinstance(value, dict):
        yield name, _visible(json.dumps(value, default=str))
        for key, inner in value.items():
            yield from _flat(f"{name}.{key}", inner)
    else:
        yield name, _visible(value if isinstance(value, str) else json.dumps(value, default=str))


def _visible(text: str) -> str:
    return re.sub("[\ue000-\uf8ff]|hole\\d{5}", "…", text)
