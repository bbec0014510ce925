"""curl and wget: the requests they send."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from agentguard.interpret.invocation import Effect, InnerCommand, Invocation, Output, Written
from agentguard.interpret.values import EMPTY, Origin, Value, concat, literal, unknown
from agentguard.operations import FileRead, HttpRequest, Option, ProgramCall
from agentguard.programs import url as urls
from agentguard.programs.contract import absolute, environment, read_text
from agentguard.programs.files import overwrite
from agentguard.programs.http_request import Headers, fetched, header, joined, request
from agentguard.programs.streams import cut
from agentguard.world.protocol import World

_SECRETS = {"--user", "--oauth2-bearer", "--cert", "--netrc", "--netrc-file", "--cookie", "--aws-sigv4"}
_DATA = ("--data", "--data-binary", "--data-raw", "--data-ascii", "--data-urlencode", "--json")


def curl(call: ProgramCall, invocation: Invocation, world: World) -> Iterator[Effect]:
    parts = _split(invocation.argv)
    if len(parts) > 1:
        for part in parts:
            yield InnerCommand((invocation.argv[0], *part), "curl --next")
        return
    if call.values("--config"):
        yield from _configured(call, invocation, world)
        return
    sent: list[urls.Url] = []
    groups = [_expanded(options, invocation, world) for options in _groups(call)]
    for i, options in enumerate(groups):
        own = [o.value for o in options if o.name == "--url" and o.value is not None]
        addresses = [*own, *call.operands] if len(groups) == 1 else own or list(call.operands)
        for effect in _curl(options, addresses, invocation, world):
            if isinstance(effect, HttpRequest):
                sent.append(urls.Url("", "", effect.host, effect.port, effect.path, effect.query))
            yield effect
        yield from _saved(options, addresses, invocation, world, sent if i == len(groups) - 1 else [])


def _split(argv: tuple[Value, ...]) -> list[tuple[Value, ...]]:
    """The words of each request: ``--next`` starts again from nothing."""
    parts: list[tuple[Value, ...]] = [()]
    for word in argv[1:]:
        if word.known in ("--next", "-:"):
            parts.append(())
        else:
            parts[-1] += (word,)
    return parts


def _groups(call: ProgramCall) -> list[list[Option]]:
    """The options of each request: ``--next`` starts again from nothing."""
    groups: list[list[Option]] = [[]]
    for option in call.options:
        if option.name == "--next":
            groups.append([])
        else:
            groups[-1].append(option)
    return groups


def _expanded(options: list[Option], invocation: Invocation, world: World) -> list[Option]:
    """``--variable NAME=TEXT`` put into the values of ``--expand-…`` options."""
    variables: dict[str, Value] = {}
    done: list[Option] = []
    for option in options:
        if option.name == "--variable" and option.value is not None:
            name, sign, _ = option.value.prefix.partition("=")
            value = cut(option.value, len(name) + 1) if sign else EMPTY
            if not sign and "@" in name:
                name, _, file = name.partition("@")
                value = _file(literal(file), invocation, world)
            elif name.startswith("%"):
                known = environment(name[1:], invocation, world)
                value = known if known is not None else value
            variables[name.lstrip("%")] = value
        if option.name.startswith("--expand-") and option.value is not None:
            option = Option(f"--{option.name[9:]}", _with(option.value, variables))
        done.append(option)
    return done


def _with(value: Value, variables: dict[str, Value]) -> Value:
    text, holes = urls.pierce(value)
    parts = re.split(r"\{\{(\w+)[^{}]*\}\}", text)
    return concat(
        variables.get(part, EMPTY) if index % 2 else urls.restore(part, holes, value.sources)
        for index, part in enumerate(parts)
    )


def _values(options: Sequence[Option], *names: str) -> list[Value]:
    return [o.value for o in options if o.name in names and o.value is not None]


def _curl(options: list[Option], addresses: list[Value], invocation: Invocation, world: World) -> Iterator[Effect]:
    names = {option.name for option in options}
    headers = tuple(_headers(options, invocation, world))
    parts: list[Value] = []
    sources: list[Effect] = []
    for option in options:
        if option.name in _DATA and option.value is not None:
            text, read = _data(option.name, option.value, invocation, world)
            parts.append(text)
            sources += read
    forms = _values(options, "--form", "--form-string")
    for form in forms:
        text, read = _form(form, invocation, world)
        parts.append(text)
        sources += read
    body = joined(parts, "" if "--json" in names else "&")
    upload = _values(options, "--upload-file")
    get = "--get" in names
    method: str | None = "GET"
    if "--head" in names:
        method = "HEAD"
    elif upload:
        method = "PUT"
    elif body is not None and not get:
        method = "POST"
    for value in _values(options, "--request"):
        method = value.known.strip(" =").upper() if value.known is not None else None
    extra = _values(options, "--url-query") + ([body] if get and body is not None else [])
    for value in upload:
        path = absolute(value, invocation)
        sources.append(FileRead(path)) if value.known not in ("-", ".") else None
        body = read_text(path, invocation, world) if value.known != "-" else invocation.stdin
    yield from sources
    credentials = bool(names & _SECRETS)
    secret = _values(options, "--user", "--oauth2-bearer", "--cookie")
    sent = headers + tuple(("authorization", value) for value in secret)
    for address in addresses:
        for each in _globbed(address, "--globoff" in names):
            parsed = _with_query(urls.split(each), extra)
            for place in (parsed, *_detours(options, parsed)):
                yield from request(
                    method,
                    place,
                    sent,
                    None if get else body,
                    credentials=credentials,
                    upload=upload[0] if upload else None,
                )


def _globbed(address: Value, off: bool) -> list[Value]:
    text, holes = urls.pierce(address)
    if off or not re.search(r"[{\[]", text):
        return [address]
    return [urls.restore(each, holes, address.sources) for each in urls.globbed(text)]


def _with_query(parsed: urls.Url, extra: list[Value]) -> urls.Url:
    if not extra:
        return parsed
    parts = ([parsed.query] if parsed.query.pieces else []) + extra
    return urls.Url(parsed.scheme, parsed.userinfo, parsed.host, parsed.port, parsed.path, joined(parts, "&") or EMPTY)


def _detours(options: Sequence[Option], parsed: urls.Url) -> Iterator[urls.Url]:
    """``--connect-to``, ``--resolve`` and sockets send the request somewhere else than the URL says."""
    for value in _values(options, "--unix-socket", "--abstract-unix-socket"):
        name = literal(str(value).rstrip("/").rpartition("/")[2].lower() or "socket")
        yield urls.Url(parsed.scheme, "", name, "", parsed.path, parsed.query)
    for value in _values(options, "--connect-to"):
        fields = str(value).split(":")
        if len(fields) >= 3 and fields[2] and fields[2] != str(parsed.host):
            yield urls.Url(parsed.scheme, "", literal(fields[2].lower()), parsed.port, parsed.path, parsed.query)
    for value in _values(options, "--resolve"):
        fields = str(value).lstrip("+").split(":", 2)
        if len(fields) == 3 and fields[0] in ("*", str(parsed.host)):
            host = literal(fields[2].split(",")[0].strip("[]"))
            yield urls.Url(parsed.scheme, "", host, parsed.port, parsed.path, parsed.query)
    for value in _values(options, "--proxy"):
        if (parsed.host.known or "").startswith("localhost"):
            yield urls.split(value)


def _headers(options: Sequence[Option], invocation: Invocation, world: World) -> Iterator[tuple[str, Value]]:
    for value in _values(options, "--header"):
        if value.prefix.startswith("@"):
            text = _file(cut(value, 1), invocation, world).known or ""
            yield from (header(literal(line)) for line in text.splitlines() if ":" in line)
        else:
            yield header(value)


def _file(name: Value, invocation: Invocation, world: World) -> Value:
    if name.known == "-":
        return invocation.stdin if invocation.stdin is not None else unknown(Origin.INPUT, "standard input")
    return read_text(name, invocation, world)


def _data(option: str, value: Value, invocation: Invocation, world: World) -> tuple[Value, list[Effect]]:
    """What one data option sends, and the file it reads."""
    read: list[Effect] = []
    if option == "--data-urlencode":
        head = value.prefix
        found = re.match(r"([^=@]*)([=@])", head)
        if not found:
            return value, read
        name, sign = found[1], found[2]
        rest = cut(value, len(name) + 1)
        if sign == "@":
            read = [FileRead(absolute(rest, invocation))] if rest.known != "-" else []
            rest = _file(rest, invocation, world)
        return concat((literal(f"{name}=" if name else ""), _encoded(rest))), read
    if option != "--data-raw" and value.prefix.startswith("@"):
        name = cut(value, 1)
        read = [FileRead(absolute(name, invocation))] if name.known != "-" else []
        return _file(name, invocation, world), read
    return value, read


def _encoded(value: Value) -> Value:
    """Enough of form encoding that the parts can be told apart again."""
    text, holes = urls.pierce(value)
    return urls.restore(text.replace("%", "%25").replace("&", "%26").replace("+", "%2B"), holes, value.sources)


def _form(value: Value, invocation: Invocation, world: World) -> tuple[Value, list[Effect]]:
    head = value.prefix
    name, sign, _ = head.partition("=")
    rest = cut(value, len(name) + 1) if sign else EMPTY
    read: list[Effect] = []
    if rest.prefix[:1] in ("@", "<"):
        text = urls.pierce(cut(rest, 1))[0].partition(";")[0]
        file = literal(text) if rest.known is not None else cut(rest, 1)
        read = [FileRead(absolute(file, invocation))] if file.known != "-" else []
        rest = _file(file, invocation, world)
    return concat((literal(f"{name}="), _encoded(rest))), read


def _saved(
    options: list[Option], addresses: list[Value], invocation: Invocation, world: World, sent: list[urls.Url]
) -> Iterator[Effect]:
    """Where the answer goes: files with ``-o`` and ``-O``, else standard output."""
    names = {option.name for option in options}
    content = fetched(sent or [urls.split(a) for a in addresses])
    targets = _values(options, "--output")
    if names & {"--remote-name", "--remote-name-all", "--remote-header-name"}:
        for address in addresses:
            name = (urls.split(address).path.known or "").rstrip("/").rpartition("/")[2]
            if name:
                targets.append(literal(name))
    for target in targets:
        if target.known not in ("-", "/dev/null", "/dev/stdout", "NUL"):
            path = absolute(target, invocation)
            yield from overwrite(path, invocation, world)
            yield Written(path, content)
    if not targets or any(t.known in ("-", "/dev/stdout") for t in targets):
        yield Output(content)


def _configured(call: ProgramCall, invocation: Invocation, world: World) -> Iterator[Effect]:
    """``-K file``: its lines are options; the command is read again with them written out in its place."""
    words: list[Value] = [invocation.argv[0]]
    for option in call.options:
        value = option.value
        if option.name != "--config" or value is None:
            words += (literal(option.name), value) if value is not None else (literal(option.name),)
        elif (text := _file(value, invocation, world).known) is not None:
            words += map(literal, _config_words(text))
        else:
            yield HttpRequest(None, unknown(Origin.FILE, str(value)), "", literal("/"), EMPTY, (), None)
    yield InnerCommand((*words, *call.operands), "curl --config")


def _config_words(text: str) -> Iterator[str]:
    for line in text.splitlines():
        line = line.strip()
        if not line or line.startswith("#"):
            continue
        found = re.match(r'(-{0,2}[\w-]+)\s*(?:[=:]\s*|\s+)?(?:"((?:[^"\\]|\\.)*)"|(\S.*))?$', line)
        if not found:
            continue
        name = found[1] if found[1].startswith("-") else f"--{found[1]}"
        yield name
        if found[2] is not None:
            yield re.sub(r"\\(.)", lambda m: {"n": "\n", "t": "\t", "r": "\r"}.get(m[1], m[1]), found[2])
        elif found[3] is not None:
            yield found[3]


def wget(call: ProgramCall, invocation: Invocation, world: World) -> Iterator[Effect]:
    headers: Headers = tuple(header(value) for value in call.values("--header"))
    body: Value | None = None
    for option in call.options:
        if option.name in ("--post-data", "--body-data"):
            body = option.value
        elif option.name in ("--post-file", "--body-file") and option.value is not None:
            yield FileRead(absolute(option.value, invocation))
            body = read_text(option.value, invocation, world)
    method: str | None = "POST" if call.has("--post-data", "--post-file") else "GET"
    asked = call.value("--method")
    if asked is not None:
        method = asked.known.upper() if asked.known is not None else None
    if call.has("--spider"):
        method = "HEAD"
    addresses = list(call.operands)
    listed = call.value("-i", "--input-file")
    if listed is not None:
        text = _file(listed, invocation, world).known or ""
        addresses += [literal(line.strip()) for line in text.splitlines()[:64] if line.strip()]
    sent = [urls.split(address) for address in addresses]
    for parsed in sent:
        yield from request(method, parsed, headers, body, credentials=call.has("--user", "--password", "--http-user"))
    content = fetched(sent)
    target = call.value("--output-document")
    if target is not None and target.known in ("-", "/dev/stdout"):
        yield Output(content)
        return
    where = (
        [target]
        if target is not None
        else [literal((p.path.known or "/").rstrip("/").rpartition("/")[2]) for p in sent]
    )
    for value in where:
        if value.pieces and value.known != "/dev/null":
            path = absolute(value, invocation)
            if target is not None:
                yield from overwrite(path, invocation, world)
            yield Written(path, content)
    yield Output(EMPTY)


def download(call: ProgramCall, invocation: Invocation, world: World) -> Iterator[Effect]:
    """aria2c, lynx, w3m: plain GETs of their operands."""
    sent = [urls.split(word) for word in call.operands if "://" in word.prefix]
    for parsed in sent:
        yield from request("GET", parsed)
        name = call.value("-o", "--out") or literal((parsed.path.known or "").rpartition("/")[2])
        if call.program == "aria2c" and name.pieces:
            yield Written(absolute(name, invocation), fetched([parsed]))
    if sent and call.program != "aria2c":
        yield Output(fetched(sent))
