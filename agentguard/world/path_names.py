"""Names that say what a path is: system directories, caches, secrets, data, the guard itself."""

from __future__ import annotations

import re

from agentguard import regex

#: Top directories that belong to the system with everything below; other top directories only themselves.
SYSTEM_TOPS = frozenset({
    "bin", "boot", "etc", "lib", "lib32", "lib64", "libx32", "opt", "proc", "run", "sbin", "srv", "sys", "usr", "var",
    "dev", "root", "System", "Library", "Applications", "Volumes", "private", "nix", "snap", "cores",
})  # fmt: skip
#: What is below ``/dev`` without being a device that holds anything.
SOFT_DEVICES = frozenset({
    "null", "zero", "full", "random", "urandom", "shm", "fd", "stdin", "stdout", "stderr", "tty", "pts", "tcp", "udp",
    "ptmx", "console",
})  # fmt: skip


def soft_device(name: str) -> bool:
    """Whether a name below ``/dev`` holds nothing: streams, terminals, serial lines (``tty`` and what follows)."""
    return name in SOFT_DEVICES or name.startswith("tty")


#: Ignored names that any build makes again.
REBUILDABLE_NAMES = frozenset({
    "node_modules", "dist", "build", "target", "out", "coverage", "__pycache__", ".venv", "venv", ".tox", ".nox",
    ".next", ".nuxt", ".turbo", ".cache", ".parcel-cache", ".svelte-kit", ".pytest_cache", ".mypy_cache",
    ".ruff_cache", ".hypothesis", ".gradle", ".terraform", ".eggs", "htmlcov", ".nyc_output", "bower_components",
    ".dart_tool", "Pods", "DerivedData", "_build", ".angular", ".vite", "storybook-static", ".output", ".expo",
    "cmake-build-debug", "cmake-build-release", ".stack-work", "dist-newstyle", "elm-stuff", "zig-cache", "zig-out",
})  # fmt: skip
HOMES = frozenset({"/home", "/Users", "/root", "/var/root", "/export/home"})
TEMPORARY = ("/tmp", "/var/tmp", "/private/tmp", "/private/var/tmp", "/dev/shm", "/var/folders", "/private/var/folders")
#: Where TMPDIR may lie; the agent could set it to anything.
TEMPORARY_ROOT = r"(?:/private)?/(?:tmp|var/tmp|var/folders|run/user|dev/shm)/.|/.*/te?mp(?:/|$)"

#: Caches in the home directory that their programs fill again.
HOME_CACHES = (
    ".cache", ".npm", ".yarn/cache", ".pnpm-store", ".local/share/pnpm/store",
    ".gradle/caches", ".m2/repository", ".cargo/registry", ".cargo/git", "go/pkg/mod", ".nuget/packages",
    "Library/Caches", ".local/share/Trash", ".Trash", "Library/Developer/Xcode/DerivedData", ".bun/install/cache",
    ".cocoapods", ".pub-cache", ".composer/cache", ".conda/pkgs", ".expo", ".node-gyp", ".thumbnails",
)  # fmt: skip

_REBUILDABLE = regex.compile(
    r"(?:.*\.(?:pyc|pyo|o|obj|class|tsbuildinfo|eslintcache|egg-info|swp|swo|orig|rej|gcda|gcno|profraw|lcov)"
    r"|.*~|.*\.te?mp|(?:te?mp|debug|trash)[-_.].*|\.DS_Store|Thumbs\.db|\.coverage|\.eslintcache|\.stylelintcache|npm-debug\.log.*|yarn-error\.log"
    r"|junit\.xml|core|nohup\.out|cmake-build-.*|bazel-.*|\.pytest_cache.*|.*\.egg-info|playwright-report"
    r"|test-results|a\.out|\.pnpm-store|\.webpack|\.rollup\.cache|\.nx|\.serverless|\.aws-sam|cdk\.out|\.vercel"
    r"|\.netlify|\.docusaurus|\.vuepress|_site|\.jekyll-cache|\.bundle|vendor|obj|bin|Debug|Release|x64|logs?"
    r"|.*\.log|tmp|temp|\.tmp|\.temp|generated|gen|__snapshots__|\.ipynb_checkpoints|\.quarto|\.zig-cache)"
)
#: Names above that are only caches where git ignores them (people keep their own things under them too).
_IF_IGNORED = frozenset({"vendor", "bin", "obj", "logs", "log", "tmp", "temp", "generated", "gen", "core", "env", "lib",
                         "out", "build", "Debug", "Release", "x64", "_build", "__snapshots__", ".cache", "target",
                         "dist", "Pods", ".vercel", ".netlify"})  # fmt: skip

_DATA = regex.compile(
    r"(?:.*\.(?:db|sqlite|sqlite3|mdb|dump|bak|backup|sql\.gz|dump\.gz|tfstate|tfstate\.backup|rdb|aof|ldf|mdf|kdbx"
    r"|qcow2|vmdk|vdi|img|iso|parquet|pst)|pgdata|pg_data|postgres-data|postgres_data|mysql-data|mysql_data|redis-data"
    r"|mongo-data|backups?|uploads?|volumes?|datasets?|database|databases|dumps|snapshots|media|storage|attachments"
    r"|data)",
    re.IGNORECASE,
)
_SECRET_NAME = regex.compile(
    r"(?:\.env(?:\..+)?|.*\.env|\.envrc|\.flaskenv|\.netrc|_netrc|\.pgpass|\.my\.cnf|\.mylogin\.cnf|\.npmrc|\.pypirc"
    r"|\.git-credentials|\.vault-token|\.boto|\.s3cfg|\.dockercfg|\.terraformrc|\.sentryclirc|\.databrickscfg"
    r"|\.upstash\.json|\.rclone\.conf|\.dev\.vars|.*\.(?:pem|key|p12|pfx|jks|keystore|ppk|kdbx|ovpn|asc|gpg)"
    r"|id_(?:rsa|dsa|ecdsa|ed25519)(?:_sk)?|ssh_host_\w+_key|.*\.tfvars|.*\.tfstate|master\.key|credentials|credentials\.(?:json|db|toml|yml)"
    r"|.*serviceaccount.*\.json|.*service-account.*\.json|.*credentials.*\.json|secrets?\.(?:json|ya?ml|toml|env)"
    r"|application_default_credentials\.json|hosts\.yml|accesstokens\.json|azureprofile\.json|logins\.json|key4\.db"
    r"|login data|cookies|shadow|gshadow|.*_history|wp-config\.php|\.htpasswd|\.claude\.json|auth\.json)",
    re.IGNORECASE,
)
_NOT_SECRET = regex.compile(
    r"(?:.*\.(?:pub|example|sample|template|dist|tpl|crt|cer)|\.env\.(?:example|sample|template|dist|test|ci|defaults?)"
    r"|example\.env|sample\.env|known_hosts.*|.*public.*\.(?:pem|key|asc)|(?:cert|ca|fullchain|chain|ca-cert|server-cert)"
    r"(?:ificate)?s?\.pem|hosts\.yml\.example|authorized_keys\.pub|cert.*\.pem)",
    re.IGNORECASE,
)
#: Places in the home directory whose files hold credentials.
_SECRET_PLACES = (
    ".ssh", ".aws", ".azure", ".gnupg", ".kube", ".docker/config.json", ".config/gcloud", ".config/gh", ".config/hub",
    ".config/glab-cli", ".railway", ".password-store", ".config/op", ".op", ".config/doppler", ".doppler",
    ".config/sops", ".config/rclone", ".config/heroku", ".local/share/keyrings", "Library/Keychains", ".vault-token",
    ".fly", ".config/fly", ".supabase/access-token", ".config/neonctl", ".config/planetscale", ".config/netlify",
    ".terraform.d",
    ".pulumi/credentials.json", ".config/stripe", ".config/doctl", ".config/hcloud", ".config/linode-cli",
    ".linode-cli", ".oci", ".config/scw", ".config/turso", ".snowsql", ".snowflake", ".kaggle", ".huggingface/token",
    ".cache/huggingface/token", ".cargo/credentials", ".cargo/credentials.toml", ".gem/credentials",
    ".m2/settings.xml", ".m2/settings-security.xml", ".gradle/gradle.properties", ".composer/auth.json",
    ".config/google-chrome", ".config/chromium", ".mozilla/firefox", "Library/Application Support/Google/Chrome",
    ".config/BraveSoftware", ".config/configstore", ".cloudflared", ".config/ngrok", ".config/containers/auth.json",
    ".config/helm/registry", ".mc/config.json", ".codex/auth.json", ".gemini/oauth_creds.json", ".config/pypoetry",
    ".claude/.credentials.json", ".config/github-copilot", ".local/share/opencode/auth.json",
    ".local/share/com.vercel.cli",
    ".config/restic", ".config/borg/keys", ".config/wandb", ".bitcoin", ".ethereum", ".config/solana", ".electrum",
)  # fmt: skip
_SECRET_SYSTEM = ("/etc/shadow", "/etc/gshadow", "/etc/ssl/private", "/etc/kubernetes", "/etc/rancher/k3s/k3s.yaml",
                  "/var/run/secrets", "/run/secrets", "/etc/sudoers", "/etc/letsencrypt")  # fmt: skip
STARTUP = frozenset({
    ".bashrc", ".bash_profile", ".bash_login", ".profile", ".zshrc", ".zshenv", ".zprofile", ".zlogin", ".bash_logout",
    ".bash_aliases", ".kshrc", ".cshrc", ".tcshrc", ".inputrc", ".xprofile", ".xinitrc", ".pam_environment",
    "config.fish", ".login", ".logout", ".zlogout",
})  # fmt: skip
#: Settings of coding agents: where hooks and shells are named, these files are part of the guard.
_HARNESS = regex.compile(
    r"(?:\.claude/settings[^/]*\.json|\.codex/(?:config\.toml|hooks\.json)|\.cursor/hooks\.json|\.gemini/settings\.json"
    r"|\.config/opencode/opencode\.jsonc?|opencode\.jsonc?|\.pi/agent/settings\.json|\.config/crush/crush\.json"
    r"|\.copilot/hooks(?:/.*)?|\.github/hooks/.*|\.continue/config\.(?:json|yaml)|\.aider\.conf\.yml|\.hermes/config\.yaml)$"
)

#: What a coding agent's harness writes at its start and sources before each command.
_SNAPSHOT = regex.compile(r"/(?:\.claude/shell-snapshots/[^/]+|\.codex/shell_snapshots/[^/]+|tmp/hermes-snap-[^/]*)$")

#: Names that promise something precious, so that deleting them is asked about even where nothing is seen there now.
_VITAL = regex.compile(
    r"(?:.*prod.*\.(?:db|sqlite3?|sql|dump|rdb|env)|.*\.tfstate(?:\.backup)?|backups?|uploads?|pgdata|.*backup.*\.(?:sql"
    r"|dump|tar|tgz|zip|gz|bak)(?:\.gz)?|.*\.dump(?:\.gz)?|\.env(?:\.prod(?:uction)?)?|id_(?:rsa|dsa|ecdsa|ed25519)|master\.key)",
    re.IGNORECASE,
)
#: Files that decide who may log in or become root.
LOGIN = regex.compile(r".*/\.ssh/(?:authorized_keys.*|config|rc)|/etc/(?:sudoers(?:\.d/.*)?|pam\.d/.*|ssh/.*)")

#: What is started at each login or start of the machine.
AUTOSTART = regex.compile(
    r"/.*/(?:\.config/(?:autostart|systemd/user)|Library/LaunchAgents)(?:/.*)?|/Library/Launch(?:Agents|Daemons)/.*"
    r"|/etc/(?:cron\.\w+|systemd/(?:system|user)|init\.d|xdg/autostart)/.*|/etc/(?:rc\.local|crontab)|/var/spool/cron/.*"
)


def rebuildable(name: str) -> bool:
    """A directory or file that a build or a tool makes again."""
    return (name in REBUILDABLE_NAMES or _REBUILDABLE.fullmatch(name) is not None) and name not in ("", ".", "..")


def only_if_ignored(name: str) -> bool:
    return name in _IF_IGNORED


def data(name: str) -> bool:
    return _DATA.fullmatch(name) is not None


def vital(name: str) -> bool:
    return _VITAL.fullmatch(name) is not None


def secret(path: str, home: str) -> bool:
    """Whether a file holds credentials, by its place or its name."""
    name = path.rpartition("/")[2]
    if _NOT_SECRET.fullmatch(name):
        return False
    below = path[len(home) + 1 :] if path.startswith(home + "/") else ""
    if below and any(below == place or below.startswith(place + "/") for place in _SECRET_PLACES):
        return not name.startswith("known_hosts")
    if any(path == place or path.startswith(place + "/") for place in _SECRET_SYSTEM):
        return True
    if re.search(r"^/(?:home|Users)/[^/]+/\.(?:ssh|aws|gnupg|kube|config/gcloud)(?:/|$)|^/proc/[^/]+/environ$", path):
        return True
    return _SECRET_NAME.fullmatch(name) is not None


def snapshot(path: str) -> bool:
    """Whether a path is one of the files that a harness sources before each command."""
    return _SNAPSHOT.search(path) is not None


def guard(path: str, home: str) -> bool:
    """Whether a path is the guard's own: its configuration, state, cache, program files, or a harness's settings."""
    if "agentguard" in path:
        parts = path.split("/")
        if ".agentguard.toml" in parts[-1:] or path.startswith("/etc/agentguard"):
            return True
        below = path[len(home) + 1 :] if path.startswith(home + "/") else ""
        places = (".config/agentguard", ".local/state/agentguard", ".cache/agentguard", ".local/share/agentguard",
                  ".local/bin/agentguard", ".local/pipx/venvs/agentguard", ".local/share/pipx/venvs/agentguard",
                  ".local/share/uv/tools/agentguard", "Library/Application Support/agentguard")  # fmt: skip
        if any(below == p or below.startswith((p + "/", p + "-")) for p in places):
            return True
        if parts[-1].startswith("agentguard") and len(parts) > 1 and parts[-2] in ("bin", "sbin", "Scripts"):
            return True
        if any(part == "site-packages" for part in parts):
            return True
    return _HARNESS.search(path) is not None
