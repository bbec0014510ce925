"""How the harnesses frame a command, written down a second time, and texts that they run by themselves."""

from __future__ import annotations

from collections.abc import Callable

SNAPSHOT = "/home/dev/.claude/shell-snapshots/snapshot-bash-1764000000000-a1b2c3.sh"
_SOURCE = f"source {SNAPSHOT} 2>/dev/null || true && "
_GLOB = "{ shopt -u extglob || setopt NO_EXTENDED_GLOB NO_BARE_GLOB_QUAL; } >/dev/null 2>&1 || true && "
_OLD_GLOB = "shopt -u extglob 2>/dev/null || true && "
_UNALIAS = r"{ \builtin unalias -- 'unsetenv'; \builtin unset -f -- 'unsetenv'; } >/dev/null 2>&1 || true && "
_CWD = " && pwd -P >| /tmp/claude-1a2b-cwd"


def by_double(text: str) -> str:
    return "'" + text.replace("'", "'\"'\"'") + "'"


def by_backslash(text: str) -> str:
    return "'" + text.replace("'", "'\\''") + "'"


def gemini(text: str) -> str:
    return (
        "shopt -u promptvars nullglob extglob nocaseglob dotglob; _bgpids_file='/tmp/shell_pgrep_0a1b2c.tmp'\n"
        f"(\n  trap 'jobs -p > \"$_bgpids_file\"' EXIT\n{text}\n)\n__code=$?\nexit $__code"
    )


def codex(text: str) -> str:
    return (
        "if . '/home/dev/.codex/shell_snapshots/0199-ab.17.sh' >/dev/null 2>&1; then :; fi\n\n"
        f"exec '/bin/bash' -c {by_double(text)}"
    )


def hermes(text: str) -> str:
    return (
        "source /tmp/hermes-snap-0a1b2c.sh >/dev/null 2>&1 || true\n"
        "export PAGER=cat GIT_PAGER=cat MANPAGER=cat\n"
        "builtin cd -- '/home/dev/my shop' || exit 126\n"
        f"eval {by_backslash(text)}\n"
        "__hermes_ec=$?\n"
        "printf '\\n__HERMES_CWD_0a1b__%s__HERMES_CWD_0a1b__\\n' \"$(pwd -P)\"\n"
        "exit $__hermes_ec"
    )


def hermes_with_state(text: str) -> str:
    """The later form, which keeps the environment; its exact text is not known to the program."""
    return (
        "source /tmp/hermes-snap-0a1b2c.sh >/dev/null 2>&1 || true\n"
        "export PAGER=cat GIT_PAGER=cat MANPAGER=cat\n"
        "builtin cd -- /home/dev/shop || exit 126\n"
        f"eval {by_backslash(text)}\n"
        "__hermes_ec=$?\n"
        "umask 077\n"
        '__hermes_tmp=$(mktemp /tmp/hermes-snap-0a1b2c.sh.XXXXXX) && export -p > "$__hermes_tmp" '
        '&& mv -f "$__hermes_tmp" /tmp/hermes-snap-0a1b2c.sh || true\n'
        "printf '\\n__HERMES_CWD_0a1b__%s__HERMES_CWD_0a1b__\\n' \"$(pwd -P)\"\n"
        "exit $__hermes_ec"
    )


CURSOR = (
    'snap=$(command cat <&3) && builtin shopt -s extglob && builtin eval -- "$snap" && { '
    'builtin set +u 2>/dev/null || true; builtin eval "${__CURSOR_SANDBOX_ENV_RESTORE:-}" 2>/dev/null; '
    'builtin export PWD="$(builtin pwd)"; builtin shopt -s expand_aliases 2>/dev/null; '
    'builtin eval "$1" < /dev/null; }; COMMAND_EXIT_CODE=$?; dump_bash_state >&4; builtin exit $COMMAND_EXIT_CODE'
)


def opencode(text: str) -> str:
    return (
        "\n        shopt -s expand_aliases\n"
        "        [[ -f ~/.bashrc ]] && source ~/.bashrc >/dev/null 2>&1 || true\n"
        f'        cd -- "$1"\n        eval "{text}"\n      '
    )


#: name → what the harness makes of a command, as (text, arguments)
FRAMED: dict[str, Callable[[str], tuple[str, tuple[str, ...]]]] = {
    "claude": lambda text: (f"{_SOURCE}{_GLOB}{_UNALIAS}eval {by_double(text)} < /dev/null{_CWD}", ()),
    "claude-stdin": lambda text: (f"{_SOURCE}{_GLOB}{_UNALIAS}eval {by_double(text)}{_CWD}", ()),
    "claude-exports": lambda text: (
        f"{_SOURCE}export A='x'\nexport B='it'\"'\"'s y'\n: && {_GLOB}{_UNALIAS}"
        f"eval {by_double(text)} < /dev/null{_CWD}",
        (),
    ),
    "claude-bare-glob": lambda text: (f"{_SOURCE}{_OLD_GLOB}eval {by_double(text)} < /dev/null{_CWD}", ()),
    "claude-no-source": lambda text: (f"{_GLOB}eval {by_double(text)} < /dev/null{_CWD}", ()),
    "claude-escaped": lambda text: (f"{_SOURCE}{_OLD_GLOB}eval {by_double(text)} \\< /dev/null{_CWD}", ()),
    "claude-sandbox": lambda text: (f"{_SOURCE}{_GLOB}{_UNALIAS}eval {by_double(text)} < /dev/null && pwd", ()),
    "codex": lambda text: (codex(text), ()),
    "cursor": lambda text: (CURSOR, (text,)),
    "gemini": lambda text: (gemini(text), ()),
    "hermes": lambda text: (hermes(text), ()),
    "opencode": lambda text: (opencode(text), ("/home/dev/shop",)),
    "zed": lambda text: (f"({text}\n) </dev/null", ()),
}

CLAUDE_SNAPSHOT_SCRIPT = r"""SNAPSHOT_FILE=/home/dev/.claude/shell-snapshots/snapshot-bash-1764000000000-a1b2c3.sh
source "/home/dev/.bashrc" < /dev/null

# First, create/clear the snapshot file
echo "# Snapshot file" >| "$SNAPSHOT_FILE"

# When this file is sourced, we first unalias to avoid conflicts
echo "# Unset all aliases to avoid conflicts with functions" >> "$SNAPSHOT_FILE"
echo "unalias -a 2>/dev/null || true" >> "$SNAPSHOT_FILE"

echo "# Functions" >> "$SNAPSHOT_FILE"

# Force autoload all functions first
declare -f > /dev/null 2>&1

# Now get user function names - filter system ones and write to file
declare -F | cut -d' ' -f3 | grep -vE '^_[^_]' | while read func; do
  # Encode the function to base64, preserving all special characters
  encoded_func=$(declare -f "$func" | base64 )
  # Write the function definition to the snapshot
  echo "eval \"\$(echo '$encoded_func' | base64 -d)\" > /dev/null 2>&1" >> "$SNAPSHOT_FILE"
done

echo "# Shell Options" >> "$SNAPSHOT_FILE"
shopt -p | head -n 1000 >> "$SNAPSHOT_FILE"
set -o | grep "on" | awk '{print "set -o " $1}' | head -n 1000 >> "$SNAPSHOT_FILE"
echo "shopt -s expand_aliases" >> "$SNAPSHOT_FILE"

echo "# Aliases" >> "$SNAPSHOT_FILE"
alias | sed 's/^alias //g' | sed 's/^/alias -- /' | head -n 1000 >> "$SNAPSHOT_FILE"

# Check if rg is available
echo "# Check for rg availability" >> "$SNAPSHOT_FILE"
echo "if ! command -v rg >/dev/null 2>&1; then" >> "$SNAPSHOT_FILE"
echo "  alias rg='/opt/claude/rg'" >> "$SNAPSHOT_FILE"
echo "fi" >> "$SNAPSHOT_FILE"

# Add PATH to the file
echo "export PATH='/usr/local/bin:/usr/bin:/bin'" >> "$SNAPSHOT_FILE"

# Exit silently on success, only report errors
if [ ! -f "$SNAPSHOT_FILE" ]; then
  echo "Error: Snapshot file was not created at $SNAPSHOT_FILE" >&2
  exit 1
fi
"""

CODEX_SNAPSHOT_SCRIPT = r"""if [ -z "${BASH_ENV-}" ] && [ -r "$HOME/.bashrc" ]; then
  . "$HOME/.bashrc" >/dev/null 2>&1
fi
echo '# Snapshot file'
echo '# Unset all aliases to avoid conflicts with functions'
unalias -a 2>/dev/null || true
echo '# Functions'
declare -f
echo ''
bash_opts=$(set -o | awk '$2=="on"{print $1}')
bash_opt_count=$(printf '%s\n' "$bash_opts" | sed '/^$/d' | wc -l | tr -d ' ')
echo "# setopts $bash_opt_count"
if [ -n "$bash_opts" ]; then
  printf 'set -o %s\n' $bash_opts
fi
echo ''
alias_count=$(alias -p | wc -l | tr -d ' ')
echo "# aliases $alias_count"
alias -p
echo ''
export_lines=$(declare -xp | awk '
/^declare -x [A-Za-z_][A-Za-z0-9_]*(=|$)/ { print; }
')
export_count=$(printf '%s\n' "$export_lines" | sed '/^$/d' | wc -l | tr -d ' ')
echo "# exports $export_count"
if [ -n "$export_lines" ]; then
  printf '%s\n' "$export_lines"
fi
"""

CODEX_WITH_CAPTURES = (
    '__CODEX_SNAPSHOT_OVERRIDE_SET_0="${PATH+x}"\n__CODEX_SNAPSHOT_OVERRIDE_0="${PATH-}"\n\n'
    "if . '/home/dev/.codex/shell_snapshots/0199-ab.17.sh' >/dev/null 2>&1; then :; fi\n\n"
    'if [ -n "${__CODEX_SNAPSHOT_OVERRIDE_SET_0}" ]; then export PATH="${__CODEX_SNAPSHOT_OVERRIDE_0}"; '
    "else unset PATH; fi\n\nexec '/bin/bash' -c "
)

#: texts that harnesses run by themselves, or types of frames that are not taken off; all of them must simply run
OWN_TEXTS = {
    "claude-env": "env",
    "claude-snapshot": CLAUDE_SNAPSHOT_SCRIPT,
    "codex-snapshot": CODEX_SNAPSHOT_SCRIPT,
    "codex-check": 'set -e; . "/home/dev/.codex/shell_snapshots/0199-ab.tmp-17"',
    "codex-captures": CODEX_WITH_CAPTURES + by_double("git status"),
    "hermes-state": hermes_with_state("git status"),
    "goose-path": "echo $PATH",
    "aider": "ls -la",
    "pi-prefix": "shopt -s expand_aliases\ngit status",
    "langchain": "ls\nprintf '__LC_SHELL_DONE__0a1b %s\\n' $?\n",
    "anthropic": "ls\necho __CLAUDE_BASH_DONE_0a1b__\n",
    "anthropic-old": "ls; echo '<<exit>>'",
    "swe-rex": "echo EXITCODESTART$?EXITCODEEND",
    "copilot": "echo ___BEGIN___COMMAND_OUTPUT_MARKER___; git status; EC=$?; echo ___BEGIN___COMMAND_DONE_MARKER___$EC",
    "claude-zsh-words": _SOURCE
    + f"setopt NO_EXTENDED_GLOB NO_BARE_GLOB_QUAL 2>/dev/null || true && eval 'git status'{_CWD}",
    "vscode-environment": "'/usr/share/code/code' -p '\"0a1b\" + JSON.stringify(process.env) + \"0a1b\"'",
}
