"""Where zsh reads a text otherwise than bash. Only text without any of it can be judged with the bash grammar."""

from __future__ import annotations

import re

from agentguard import regex

#: where a command may begin
_COMMAND = r"(?:^|[;&|({]|\b(?:do|then|else|time|builtin|command|noglob|nocorrect)\b)\s*"
#: what looks the same and means something else, each with a name for the person who is asked
_OTHERWISE = (
    (r"\$[~=^+]+\w|\$\{[~=^+]", "an expansion with a flag"),
    (r"\$\w+\[", "a subscript without braces"),
    (r"(?:^|[\s;&|({])[A-Za-z_]\w*\+?=\(", "an array"),
    (r"(?:^|[\s;&|({!])=(?:\w|\()", "a word that begins with ="),
    (rf"{_COMMAND}-\s", "the command -"),
    (r"\balias\s+-[a-zA-Z]*[gs]", "a global or suffix alias"),
    (rf"{_COMMAND}(?:repeat|foreach|select|autoload|zmodload|zpty|ztcp|zsocket|zf_\w+|zmv|zargs|sched|sysopen|vared|setopt"
     r"|unsetopt|emulate|zcompile|zle|print\s+-\w*[zR]|functions|aliases|galiases|saliases)\b", "a word of its own"),
    (r"\b(?:precmd|preexec|chpwd|periodic|zshexit|zshaddhistory|command_not_found_handler|TRAP[A-Z0-9]+)\b",
     "a function that zsh calls by itself"),
    (r"[*?\]][^\s;|&~]{0,200}~[\w*/]|\w~(?!\d+(?:[^\w*/]|$))[\w*/]", "an exclusion"),  # ``HEAD~1`` is a commit
    (r"<\d*-\d*>|(?:^|\s)\^[\w*]|\)#|\]#|\*#", "an extended pattern"),
    (r"\(#", "a pattern with a flag"),
)  # fmt: skip


def otherwise(text: str) -> str:
    """What zsh reads otherwise in ``text``, for a person; "" where bash's reading holds."""
    for pattern, name in _OTHERWISE:
        if regex.compile(pattern, re.MULTILINE).search(text):
            return name
    return ""
