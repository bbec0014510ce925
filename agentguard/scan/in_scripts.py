"""What the rules come to in a file of a repository, where a person reads along and no agent acts: plain data.

A command line is judged before it runs, here and now. A script is judged for what a reviewer has to know: what is
lost for good, or on systems that others use, when it runs. Services that are restarted, tokens that a job logs in
with, a branch of built pages pushed over: everyday there, and no finding.
"""

from __future__ import annotations

from fnmatch import fnmatchcase
from functools import cache

from agentguard.rulebook.model import Severity

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

#: Globs on rule ids → the severity in scripts, None for no finding. The first that fits holds; no entry leaves the
#: severity of the rule.
_EVERYWHERE: Final[tuple[tuple[str, Severity | None], ...]] = (
    # the agent's own boundaries
    ("guard.*", None),
    # secrets: jobs log in, deploy with keys and write configuration
    ("secrets.vault-delete", Severity.CRITICAL),
    ("secrets.gpg-delete", Severity.HIGH),
    ("secrets.store-delete", Severity.CRITICAL),
    ("secrets.keystore-delete", Severity.MEDIUM),
    ("secrets.commit", Severity.HIGH),
    ("secrets.*", None),
    ("git.credential-fill", None),
    ("files.delete-secret", Severity.MEDIUM),
    ("files.*-secret", None),
    ("files.append-keys", None),
    ("files.protected-*", None),
    # what code runs: installers, configured commands
    ("shell.process-bomb", Severity.CRITICAL),
    ("shell.decoded-code", Severity.HIGH),
    ("shell.*", None),
    # the state of the machine that it runs on is not known here
    ("files.delete-home-files", None),
    ("files.delete-outside*", None),
    ("files.delete-changed", None),
    ("files.delete-untracked", None),
    ("files.delete-vital", None),
    ("files.delete-unknown-tree", None),
    ("files.delete-system-file", None),
    ("files.delete-system", Severity.MEDIUM),
    ("files.overwrite-*", None),
    ("files.append-*", None),
    ("files.write-git-code", None),
    ("files.history", None),
    ("files.autostart", None),
    ("files.move-away", None),
    ("files.chmod-wide", Severity.HIGH),
    ("files.chmod-*", None),
    ("files.*trash-empty", None),
    ("git.lose-*", None),
    ("git.submodule-*", None),
    ("git.worktree-*", None),
    ("git.fetch-*", None),
    ("git.remote-remove", None),
    ("git.lfs-prune", None),
    ("git.gc-now", None),
    ("git.prune", None),
    ("git.repack-drop", None),
    ("git.reflog-expire", None),
    ("git.fast-import-force", None),
    ("vcs.*", None),
    ("git.push-force", Severity.LOW),
    ("git.push-plus-protected", Severity.HIGH),
    ("git.push-plus", Severity.LOW),
    ("git.push-delete", Severity.LOW),
    # services, packages and settings of the machine that is set up
    ("system.drive-*", Severity.CRITICAL),
    ("system.disk-mac", Severity.HIGH),
    ("system.sysrq", Severity.HIGH),
    ("system.kill-init", Severity.HIGH),
    ("system.kill-all*", Severity.HIGH),
    ("system.remote-tree-delete", Severity.HIGH),
    ("system.user-delete", Severity.MEDIUM),
    ("system.firewall-flush", Severity.MEDIUM),
    ("system.*", None),
    ("packages.unpublish", Severity.CRITICAL),
    ("packages.yank", Severity.HIGH),
    ("packages.*", None),
    ("disks.format-file", None),
    # nothing is lost that was written: mounts, loops and mappings come back; what is removed for good has other rules
    ("disks.dmsetup", None),
    ("backup.loop-detach", None),
    ("backup.umount-hard", None),
    ("backup.remount", None),
    ("backup.mount-over", None),
    ("backup.raid-stop", None),
    # containers: what a test run starts and takes away again
    ("containers.compose-down-volumes", Severity.MEDIUM),
    ("containers.prune-volumes", Severity.HIGH),
    ("containers.volume-remove", Severity.MEDIUM),
    ("containers.remove-volumes", Severity.MEDIUM),
    ("containers.remove-all", Severity.MEDIUM),
    ("containers.reset", Severity.HIGH),
    ("containers.registry-delete", Severity.HIGH),
    ("containers.*", None),
    # deploying is what pipelines are for
    ("aws.s3-sync-delete", Severity.MEDIUM),
    ("aws.s3-move", None),
    ("aws.s3-settings", None),
    ("aws.stop", None),
    ("aws.grant", None),
    ("aws.share", None),
    ("aws.secret-overwrite", None),
    ("aws.dynamodb-write", None),
    ("aws.untag", None),
    ("aws-operations.access", None),
    ("aws-operations.policy", None),
    ("aws-operations.outage", None),
    ("azure.stop", None),
    ("azure.grant", None),
    ("azure.storage-sync-delete", Severity.MEDIUM),
    ("azure.azcopy-sync-delete", Severity.MEDIUM),
    ("google.stop", None),
    ("google.key-create", None),
    ("google.storage-sync-delete", Severity.MEDIUM),
    ("google.gsutil-sync-delete", Severity.MEDIUM),
    ("google.gsutil-settings", None),
    ("google.storage-move", None),
    ("cloud.stop", None),
    ("cloud.*detach", None),
    ("cloud.libvirt-stop", None),
    ("infrastructure.terraform-auto-approve", None),
    ("infrastructure.terraform-apply-plan", None),
    ("infrastructure.terraform-migrate", None),
    ("infrastructure.terraform-unlock", None),
    ("infrastructure.pulumi-yes", None),
    ("infrastructure.pulumi-config", None),
    ("infrastructure.cdk-no-approval", None),
    ("infrastructure.vagrant-destroy", None),
    ("infrastructure.ansible-reboot", None),
    ("infrastructure.playbook-teardown", Severity.MEDIUM),  # a guess from a name
    ("kubernetes.pod-delete", None),
    ("kubernetes.rollout-undo", None),
    ("kubernetes.helm-upgrade-force", None),
    ("kubernetes.helm-rollback", None),
    ("kubernetes.config-delete", None),
    ("kubernetes.drain", None),
    ("kubernetes.taint-evict", None),
    ("kubernetes.local-*", None),
    ("kubernetes.argocd-rollback", None),
    ("platforms.*-live", None),
    ("platforms.vercel-release", None),
    ("platforms.supabase-push", None),
    ("platforms.*-migrate", None),
    ("platforms.firebase-deploy-force", None),
    ("platforms.planetscale-deploy", None),
    ("hosts.github-merge-*", None),
    ("hosts.github-clobber", None),
    ("hosts.github-stop", None),
    ("dbhosts.supabase-*-local", None),
    ("dbhosts.supabase-stop", None),
    ("databases.pgbench-init", None),
    ("databases.stop-immediately", None),
    ("databases.redis-admin", None),
    ("databases.rabbitmq-stop", None),
    ("orm.step-back*", None),
    ("sql.grant*", None),
    ("sql.revoke", None),
    ("sql.alter-*", None),
    ("sql.drop-object", None),
    ("sql.superuser", None),
    ("sql.row-security", None),
    ("sql.side-effect-function", None),
    ("sql.server-*", None),
    ("sql.kill-session", None),
    ("sql.generated", None),
    ("sql.writable-schema", None),
    ("sql.explain-analyze", None),
    ("sql.replace-table", None),
)
#: What happens in an image that is built, in a container, or on the machine of one job is gone with it anyway.
_THROWAWAY: Final[tuple[tuple[str, Severity | None], ...]] = (
    ("files.delete-root", Severity.MEDIUM),
    ("files.*", None),
    ("system.*", None),
    ("disks.*", None),
    ("backup.lvm-*", None),
    ("backup.umount-hard", None),
    ("git.filter-*", None),
    ("containers.registry-delete", Severity.HIGH),
    ("containers.*", None),
    ("scan.unguarded-variable", None),
)
#: Migrations and dumps change tables all the time; what they make themselves is theirs.
_SQL: Final[tuple[tuple[str, Severity | None], ...]] = (
    ("sql.drop-database", Severity.CRITICAL),
    ("sql.replace-database", Severity.CRITICAL),
    ("sql.drop-table", Severity.HIGH),
    ("sql.truncate", Severity.HIGH),
    ("sql.delete-all", Severity.HIGH),
    ("sql.update-all", Severity.MEDIUM),
    ("sql.drop-column", Severity.MEDIUM),
    ("sql.drop-infrastructure", Severity.HIGH),
    ("sql.run-program", Severity.HIGH),
    ("*", None),
)
_BY_KIND: Final = {
    "dockerfile": _THROWAWAY, "compose": _THROWAWAY, "workflow": _THROWAWAY, "gitlab": _THROWAWAY, "sql": _SQL,
}  # fmt: skip
#: Programs of which no rule has anything to say in a script while they print to wherever it prints.
IDLE: Final = frozenset((
    "basename", "cat", "clear", "cmp", "cut", "date", "df", "diff", "dirname", "dirs", "du", "echo", "egrep", "expr",
    "fgrep", "file", "getconf", "getent", "grep", "groups", "head", "hostname", "id", "jobs", "ls",
    "lsb_release", "md5sum", "nproc", "ps", "pwd", "readlink", "realpath", "seq", "sha1sum", "sha256sum", "sleep",
    "sort", "stat", "stty", "tail", "tput", "tr", "tty", "type", "ulimit", "umask", "uname", "uniq", "wait", "wc",
    "which", "whoami",
))  # fmt: skip


@cache
def severity(rule: str, kind: str, own: Severity) -> Severity | None:
    """How much a rule matters in a file of a kind; None for not at all. ``own`` is the severity of the rule."""
    for pattern, found in (*_BY_KIND.get(kind, ()), *_EVERYWHERE):
        if fnmatchcase(rule, pattern):
            return None if found is None else min(found, own)
    return own


@cache
def heard(kind: str, rule: str) -> bool:
    """Whether a rule can have a finding in a file of a kind."""
    found = severity(rule, kind, Severity.CRITICAL)
    return found is not None and found is not Severity.LOW
