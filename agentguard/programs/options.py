"""The one option parser. A program's options are described by data, never by a flag loop of its own.

An option table (TOML, ``[[program]]`` in a rule pack; python, ``Table(...)``)::

    names = ["kubectl", "oc"]        # the first is the canonical name
    value = "-n --namespace -f"      # options that take the next word (or the glued / ``=`` rest)
    flag = "-v --verbose"            # known flags: only needed where abbreviations or clusters are ambiguous
    optional = "--color --force"     # options that take a value only glued (``--color=auto``, ``-i.bak``)
    same = ["-n --namespace", "-f --filename"]   # spellings of one option; the LAST is the canonical name
    abbreviate = true                # GNU getopt_long: unique prefixes of long options
    cluster = true                   # ``-rf`` is ``-r -f`` (default); a value option ends the cluster
    single_dash_long = false         # ``-name`` is one option (find, terraform, java-like)
    stop_early = false               # the first operand ends the options (wrappers: sudo, env, ssh, docker exec)
    plus = false                     # ``+x`` words are options too
    bundled_first = false            # the first word may be a cluster without dash (tar, ps)
    [program.sub.delete]             # a sub-command: the same keys, added to those of the program
    aliases = ["rm", "remove"]
    [program.sub."volume delete"]    # deeper paths

Anything after ``--`` is an operand. A word with unknown pieces that could begin with ``-`` is an operand and makes
the call ``opaque``.
"""

from __future__ import annotations
