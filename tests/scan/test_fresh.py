"""What projects showed that nothing was tuned on: each wrong kind of finding is gone, its right sibling is there."""

from __future__ import annotations

from pathlib import Path

import pytest
from scan.projects import Project

#: (what it is, what is no finding, what is one, its rule)
PAIRS = [
    ("a log of the kernel", "echo hello > /dev/kmsg\n", "echo hello > /dev/sdb\n", "files.device"),
    ("a watchdog", ": > /dev/watchdog0\n", ": > /dev/mapper/x\n", "files.device"),
    ("a link below /dev", "ln -fs /run/x /dev/.x\n", "dd if=x of=/dev/disk/by-id/x\n", "files.device"),
    ("names of programs", "install_all sfdisk mke2fs umount cp\n", "retry sfdisk /dev/sdb\n", "disks.partition"),
    ("the geometry", "sfdisk -g /dev/sdb\n", "sfdisk --no-reread /dev/sdb\n", "disks.partition"),
    ("printing partitions", 'parted -s "/dev/$X" unit % print\n', "parted -s /dev/sdb rm 1\n", "disks.parted"),
    ("an image by its name", 'mkfs.ext4 "$D/a.img"\n', 'mkfs.ext4 "/dev/$D"\n', "disks.format"),
    ("an image behind an option", "mke2fs $OPT image\n", "mke2fs $OPT /dev/sdb\n", "disks.format"),
    ("a label", 'mkfs.msdos -F 12 -n ESP "$D"\n', "mkfs.msdos -F 12 -n ESP /dev/sdb1\n", "disks.format"),
    ("stopping an array", "mdadm --stop --scan\n", "mdadm --zero-superblock /dev/sdb\n", "backup.raid"),
    ("a mapping", "dmsetup remove x\n", "rados -p rbd rm x\n", "backup.volume-remove"),
    ("one firewall rule", "iptables -D INPUT -p tcp --dport 80 -j DROP\n", "iptables -F\n", "system.firewall-flush"),
    ("a node that stops", "rabbitmqctl stop_app\n", "rabbitmqctl reset\n", "databases.rabbitmq"),
    ("what lies in /run", "rm -rf /var/run/httpd/* /run/x\n", "rm -rf /var/lib/httpd\n", "files.delete-system"),
    ("a top of its own", "mkdir /newrun\nrm -rf /newrun\n", "rm -rf /srv\n", "files.delete-system"),
    ("readable for everybody", "chmod -R 755 /opt/x/y\n", "chmod -R 777 /opt/x/y\n", "files.chmod-wide"),
    ("letters", "chmod -R go-w /opt/x/y\n", "chmod -R g+x,a+rwX /opt/x/y\n", "files.chmod-wide"),
    ("a directory many share", "chown -R a /usr/share/x\n", "chown -R a /usr/share\n", "files.chmod-wide"),
    ("one directory at the top", 'chown -R a "/$NAME"\n', "chown -R a /srv\n", "files.chmod-wide"),
    ("one container", "docker rm -f web\n", "docker rm --force `docker ps -a -q`\n", "containers.remove-all"),
]  # fmt: skip


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path)


@pytest.mark.parametrize(("nothing", "something", "rule"), [pair[1:] for pair in PAIRS], ids=[p[0] for p in PAIRS])
def test_only_what_loses_something(nothing: str, something: str, rule: str, project: Project) -> None:
    (project.root / "nothing.sh").write_text(nothing)
    (project.root / "something.sh").write_text(something)
    assert project.scan() == [("something.sh", something.count("\n"), rule)]


@pytest.mark.parametrize("name", ["tool.postrm", "tool.service.in", "50.sync.script", "backup.cron", "hook.POSTINST"])
def test_a_script_is_found_whatever_its_name_ends_in(name: str, project: Project) -> None:
    project.write(name, "#!/bin/sh", "rm -rf /var/lib/tool")
    project.write("text." + name, "rm -rf /var/lib/tool")
    assert project.scan() == [(name, 2, "files.delete-system")]


def test_other_languages_are_not_looked_into(project: Project) -> None:
    project.write("a.py", "#!/bin/sh", "rm -rf /var/lib/tool")
    assert project.scan() == []
    (project.root / "a.py").chmod(0o755)
    assert project.scan() == [("a.py", 2, "files.delete-system")]


@pytest.mark.parametrize(
    ("statements", "lines"),
    [
        (("ALTER TABLE t RENAME COLUMN a TO b;", "ALTER TABLE t DROP COLUMN b;"), []),
        (("ALTER TABLE t RENAME a TO b;", "ALTER TABLE ONLY t DROP b;"), []),
        (("ALTER TABLE x.t ADD COLUMN IF NOT EXISTS b int;", "ALTER TABLE x.t DROP COLUMN IF EXISTS B;"), []),
        (("ALTER TABLE t RENAME COLUMN a TO b;", "ALTER TABLE t DROP COLUMN a;"), [2]),
        (("ALTER TABLE s RENAME COLUMN a TO b;", "ALTER TABLE t DROP COLUMN b;"), [2]),
        (("ALTER TABLE t DROP COLUMN b;", "ALTER TABLE t ADD COLUMN b int;"), [1]),
        (("ALTER TABLE t ADD COLUMN b int;", "ALTER TABLE t DROP COLUMN b, DROP COLUMN c;"), [2]),
    ],
)
def test_a_column_that_the_file_made_is_its_own(
    statements: tuple[str, ...], lines: list[int], project: Project
) -> None:
    project.write("a.sql", *statements)
    assert project.scan() == [("a.sql", line, "sql.drop-column") for line in lines]
