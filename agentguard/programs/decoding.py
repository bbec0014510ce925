"""Decoders: base64, base32, xxd, openssl, gunzip, gpg. What comes out is tagged ``decoded``."""

from __future__ import annotations

import base64 as codec
import binascii
import re
from collections.abc import Iterator

from agentguard.interpret.invocation import Effect, Invocation, Output
from agentguard.interpret.values import literal
from agentguard.operations import ProgramCall
from agentguard.programs.contract import absolute, read_text
from agentguard.programs.files import overwrite
from agentguard.programs.streams import contents, standard_input
from agentguard.programs.text import MAX_TEXT, derived
from agentguard.world.protocol import World


def decoder(call: ProgramCall, invocation: Invocation, world: World) -> Iterator[Effect]:
    """base64, base32, xxd, openssl base64, uudecode …: what comes out is tagged ``decoded``."""
    if call.program == "openssl":
        if not call.subcommand or call.subcommand[0] not in ("base64", "enc"):
            return
        decoding = call.has("-d", "-base64 -d")
        source = call.value("-in")
        text = read_text(source, invocation, world) if source is not None else standard_input(invocation)
        how = "base64" if call.subcommand[0] == "base64" or call.has("-base64", "-a") else ""
        if call.value("-pass", "-k", "-K") is not None:
            how = ""
    else:
        decoding = call.has("-d", "--decode", "-D", "-r", "-revert")
        if call.program == "xxd" and len(call.operands) > 1:
            yield from overwrite(absolute(call.operands[1], invocation), invocation, world)
        text = contents(call.operands[:1], invocation, world)
        how = {"xxd": "hex", "base32": "base32", "basenc": ""}.get(call.program, "base64")
    known = text.known
    if not decoding:
        encoded = _encode(known, how) if known is not None else None
        yield Output(
            literal(encoded, *text.sources) if encoded is not None else derived(invocation, text, path_safe=False)
        )
        return
    data = _decode(known, how) if known is not None and len(known) <= MAX_TEXT * 2 else None
    if data is None:
        yield Output(derived(invocation, text, tags=("decoded",)))
    else:
        yield Output(literal(data.decode("utf-8", "surrogateescape"), *text.sources, "decoded"))


def _encode(text: str, how: str) -> str | None:
    data = text.encode("utf-8", "surrogateescape")
    if how == "base64":
        return codec.b64encode(data).decode() + "\n"
    if how == "base32":
        return codec.b32encode(data).decode() + "\n"
    return None


def _decode(text: str, how: str) -> bytes | None:
    try:
        if how == "base64":
            kept = re.sub(r"[^A-Za-z0-9+/]", "", text.replace("-", "+").replace("_", "/"))
            return codec.b64decode(kept + "=" * (-len(kept) % 4))
        if how == "base32":
            kept = re.sub(r"[^A-Z2-7]", "", text)
            return codec.b32decode(kept + "=" * (-len(kept) % 8))
        if how == "hex":
            digits = "".join(re.sub(r"^[0-9a-fA-F]+:\s|\s\s.*$", "", line) for line in text.split("\n"))
            return bytes.fromhex(re.sub(r"[^0-9a-fA-F]", "", digits))
    except (ValueError, binascii.Error):
        return None
    return None


def unpacker(call: ProgramCall, invocation: Invocation, world: World) -> Iterator[Effect]:
    """gunzip -c, zcat, xz -dc, gpg -d …: nothing is known of what comes out but where it came from."""
    packing = invocation.name in ("gzip", "bzip2", "xz", "zstd", "lz4", "brotli", "gpg", "gpg2", "age", "lzma")
    if packing and not call.has("-d", "--decode", "--decrypt", "--decompress", "--uncompress", "-dc", "-cd"):
        yield Output(derived(invocation, contents(call.operands, invocation, world)))
        return
    source = contents(call.operands[-1:], invocation, world)
    yield Output(derived(invocation, source, tags=("decoded",)))


def viewer(call: ProgramCall, invocation: Invocation, world: World) -> Iterator[Effect]:
    """less, bat, strings pass text on; zcat and its like unpack it (one option table describes them all)."""
    name = invocation.name or ""
    if (name.endswith("cat") and name not in ("bat", "batcat")) or name in (
        "gunzip",
        "unxz",
        "bunzip2",
        "unzstd",
        "unlzma",
        "gzip",
        "bzip2",
        "xz",
        "zstd",
        "lzma",
        "lz4",
        "brotli",
    ):
        yield from unpacker(call, invocation, world)
    else:
        yield Output(derived(invocation, invocation.stdin if invocation.stdin is not None else literal("")))
