"""What a reviewer wants to hear of, and the same words where nothing is lost that anybody would miss."""

from __future__ import annotations

from pathlib import Path

import pytest
from scan.projects import Project

WORKFLOW = ".github/workflows/a.yml"
STEP = "jobs:\n a:\n  services:\n   postgres:\n    image: postgres\n  steps:\n   - run: "

LOST = [
    ("a pushed branch that is named", "a.sh", 'git push -f "$FORK" "$NEW:main"', "git.push-force-protected"),
    ("a drop among other tasks", "a.sh", 'mix do ecto.drop, "$REST"', "orm.ecto-drop-among-others"),
    ("a format whose options are not known", "a.sh", 'mkfs.ext4 $OPTIONS /dev/sda1', "disks.format"),
    ("a database elsewhere", WORKFLOW, STEP + "dropdb -h db.example.com shop", "sql.drop-database"),
    ("a database that a secret names", WORKFLOW, STEP + 'psql "$DATABASE_URL" -c "DROP TABLE users"', "sql.drop-table"),
    ("a database of production by its bare name", WORKFLOW, STEP + "dropdb -h production shop", "sql.drop-database"),
    ("a database whose name is that of production", WORKFLOW, STEP + "dropdb shop-production", "sql.drop-database"),
    ("a database on another machine", WORKFLOW, STEP + "ssh db dropdb shop", "sql.drop-database"),
    ("a table of others, made again", "a.sh", "psql shop -c 'DROP TABLE t'\npsql shop -c 'CREATE TABLE t (a int)'",
     "sql.drop-table"),
    ("a database made on another machine", "a.sh", "createdb -h db.example.com x\ndropdb -h db2.example.com x",
     "sql.drop-database"),
    ("a database that has the name of an account", "a.sh", "createuser x\ndropdb x", "sql.drop-database"),
    ("a table made if it is missing", "a.sh",
     "psql a -c 'CREATE TABLE IF NOT EXISTS t (a int)'\npsql a -c 'DROP TABLE t'",
     "sql.drop-table"),
    ("a local database, in a script", "a.sh", "dropdb -h localhost shop", "sql.drop-database"),
    ("a volume", "a.sh", "virsh vol-delete --pool default data.qcow2", "cloud.libvirt-delete"),
    ("a machine with its disks", "a.sh", "virsh undefine web --remove-all-storage", "cloud.libvirt-delete"),
    ("a server", "a.sh", "openstack server delete web", "cloud.openstack-data-delete"),
    ("all drop-ins of a program", "a.sh", "rm -rf /etc/cni/net.d", "files.delete-system"),
    ("everything in a directory of drop-ins", "a.sh", "rm -rf /etc/cni/net.d/*", "files.delete-system"),
    ("settings", "a.sh", "rm -rf /etc/shop", "files.delete-system"),
    ("every program", "a.sh", "rm -rf /usr/bin/*", "files.delete-system"),
    ("every library", "a.sh", "rm -rf /usr/lib/x86_64-linux-gnu", "files.delete-system"),
]  # fmt: skip

BACK = [
    ("a database that the script made", "a.sh", "createdb x\npsql x -c 'SELECT 1'\ndropdb x"),
    ("what an earlier command made", "a.sh",
     "mysql -e 'CREATE DATABASE d; CREATE USER u'\nmysql d -e 'CREATE TABLE t (a int)'\n"
     "mysql d -e 'DROP TABLE t'\nmysql -e 'DROP DATABASE d; DROP USER u'"),
    ("a pushed branch that nothing names", "a.sh", 'git push "$FORK" -f "$NEW:$OLD"'),
    ("tasks that nothing names", "Makefile", "x:\n\t$(MIX) do deps.get, compile -o $(OUT) --skip \"x $(Y)\""),
    ("the database of the machine of a job", WORKFLOW, STEP + 'dropdb -h localhost shop'),
    ("the database of a service beside the job", WORKFLOW, STEP + 'psql -h postgres -c "DROP DATABASE shop"'),
    ("the same in a pipeline", ".gitlab-ci.yml", 'a:\n  script:\n    - mysql -h mysql -e "DROP DATABASE shop"'),
    ("a machine that is switched off", "a.sh", "virsh destroy web\nvirsh net-destroy default"),
    ("an address that is taken from a server", "a.sh", "openstack server remove floating ip web 203.0.113.7"),
    ("a subnet that is taken from a router", "a.sh", "openstack router remove subnet r s"),
    ("a disk that is detached", "a.sh", "hcloud volume detach data"),
    ("a file system over a directory that boots empty", "a.sh", "mount -t proc proc /proc\nmount /dev/sda2 /root"),
    ("a drop-in of the package", "a.sh", "rm -rf /etc/logrotate.d/shop /etc/ufw/applications.d/shop"),
    ("the programs of a package", "a.sh", "rm -rf /usr/bin/shop-* /usr/lib/python3/dist-packages/shop"),
]


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path)


@pytest.mark.parametrize(("name", "text", "rule"), [case[1:] for case in LOST], ids=[case[0] for case in LOST])
def test_lost(name: str, text: str, rule: str, project: Project) -> None:
    project.write(name, *text.split("\n"))
    assert [found for _, _, found in project.scan(name)] == [rule]


@pytest.mark.parametrize(("name", "text"), [case[1:] for case in BACK], ids=[case[0] for case in BACK])
def test_nothing_is_lost(name: str, text: str, project: Project) -> None:
    project.write(name, *text.split("\n"))
    assert project.scan(name, status=0) == []
