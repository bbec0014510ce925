"""Tasks in the language of the project: only those asked for, and those they need, are read."""

from __future__ import annotations

import pytest

from agentguard.programs.task_files import rake_tasks
from tests.fakes import FakeRepository, FakeWorld
from tests.programs.judging import ROOT, found

RAKEFILE = """\
require 'rake'
task default: [:spec]
task(:spec) { sh 'rspec' }
namespace :data do
  desc 'empty it'
  task wipe: [:check] do |t, args|
    rm_rf '/srv/data'
  end
  task :check do
    sh 'ls'
  end
end
task :everything => ['data:wipe', :spec]
"""
TASKS = """\
from invoke import task

@task
def test(c):
    c.run("pytest -q", pty=True)

@task
def wipe_all(c):
    c.run("rm -rf /srv/data")
"""
NOXFILE = """\
import nox

@nox.session
def lint(session):
    session.install("ruff")
    session.run("ruff", "check", ".")

@nox.session
def wipe(session):
    session.run("rm", "-rf", "/srv/data", external=True)
"""


def stops(command: str, **files: str) -> set[str]:
    texts = {f"{ROOT}/{name.replace('_', '.')}": text for name, text in files.items()}
    return found(command, FakeWorld(files=texts, env={"HOME": "/home/dev"}, git=FakeRepository(root=ROOT)))


@pytest.mark.parametrize("command", ["rake data:wipe", "bundle exec rake everything", "rake 'data:wipe[now]'"])
def test_a_task_of_a_rakefile_and_what_it_needs(command: str) -> None:
    assert "files.delete-system" in stops(command, Rakefile=RAKEFILE)


@pytest.mark.parametrize("command", ["rake", "rake spec", "rake data:check", "rake -T", "rake -n everything"])
def test_other_tasks_of_the_same_rakefile_run(command: str) -> None:
    assert stops(command, Rakefile=RAKEFILE) == set()


def test_names_and_needs_of_tasks() -> None:
    tasks = rake_tasks(RAKEFILE)
    assert set(tasks) == {"default", "spec", "data:wipe", "data:check", "everything"}
    assert tasks["default"][0].needs == ("spec",)
    assert "data:check" in tasks["data:wipe"][0].needs
    assert tasks["everything"][0].needs == ("data:wipe", "spec")


def test_functions_of_python_task_files() -> None:
    assert "files.delete-system" in stops("invoke wipe-all", tasks_py=TASKS)
    assert stops("inv test", tasks_py=TASKS) == set()
    assert "files.delete-system" in stops("nox -s wipe", noxfile_py=NOXFILE)
    assert "files.delete-system" in stops("nox", noxfile_py=NOXFILE)
    assert stops("nox -s lint", noxfile_py=NOXFILE) == set()
    assert stops("nox -l", noxfile_py=NOXFILE) == set()


@pytest.mark.parametrize(
    "command",
    [
        "rails runner \"ActiveRecord::Base.connection.execute('TRUNCATE orders')\"",
        "mix run -e 'Shop.Repo.delete_all(Shop.User)'",
        "node -e \"const k=require('knex')({client:'pg'}); k('users').del()\"",
        "node -e \"const k=require('knex')({client:'pg'}); k('users').truncate()\"",
        "node -e \"const {MongoClient}=require('mongodb'); new MongoClient('mongodb://db').db('x').dropDatabase()\"",
        "node -e \"const R=require('ioredis'); new R('redis://cache.prod.example.com').flushall()\"",
        "node -e \"const {User}=require('./models'); User.destroy({truncate:true})\"",
        "python3 -c \"from elasticsearch import Elasticsearch as E; E('https://es.example.com').indices.delete(index='o')\"",
        "python3 -c \"from opensearchpy import OpenSearch; OpenSearch('https://es.example.com').delete_by_query(index='o')\"",
    ],
)
def test_drivers_that_take_everything(command: str) -> None:
    assert stops(command)


@pytest.mark.parametrize(
    "command",
    [
        "rails runner 'puts User.count'",
        "rails runner script/report.rb",
        "mix run -e 'IO.inspect Shop.Repo.all(Shop.User)'",
        "mix run priv/repo/seeds.exs",
        "node -e \"const k=require('knex')({client:'pg'}); k('users').where({id:1}).del()\"",
        "node -e \"const {User}=require('./models'); User.destroy({where:{id:1}})\"",
        "node -e \"socket.destroy(); request.destroy(new Error('x'))\"",
        "python3 -c \"from elasticsearch import Elasticsearch as E; print(E('https://es.example.com').indices.get(index='o'))\"",
    ],
)
def test_drivers_that_take_one_or_read(command: str) -> None:
    assert stops(command) == set()


@pytest.mark.parametrize(
    "command",
    [
        "ruby -rfileutils -e 'Dir.glob(\"/srv/*\").each { |f| FileUtils.rm_rf(f) }'",
        "ruby -rfileutils -e 'Dir[\"/srv/*\"].each do |f| FileUtils.rm_rf f end'",
        "ruby -rfileutils -e '%w[build /srv].each { |f| FileUtils.rm_rf f }'",
        "ruby <<'E'\nrequire 'pathname'\nPathname.new('/srv').rmtree\nE",
        "node -e \"['build','/srv'].forEach(f => require('fs').rmSync(f,{recursive:true}))\"",
        "node -e \"for (const f of ['build','/srv']) require('fs').rmSync(f,{recursive:true})\"",
        'perl -e \'exec {"rm"} "rm","-rf","/srv"\'',
        "python3 -c \"from plumbum.cmd import rm; rm('-rf','/srv')\"",
        "podman unshare rm -rf /srv",
        "yarn workspaces foreach -A exec rm -rf /srv",
    ],
)
def test_lists_blocks_and_other_starters(command: str) -> None:
    assert "files.delete-system" in stops(command)


@pytest.mark.parametrize(
    "command",
    [
        "ruby -rfileutils -e 'Dir[\"build/*\"].each { |f| FileUtils.rm_rf f }'",
        "node -e \"['dist','build'].forEach((f) => require('fs').rmSync(f,{recursive:true,force:true}))\"",
        "node -e \"console.log(['a','b'].map(x => x.toUpperCase()).join())\"",
        "ruby -e 'puts Pathname.new(\"/srv\").basename'",
    ],
)
def test_lists_of_what_can_be_built_again(command: str) -> None:
    assert stops(command) == set()


def test_a_patch_from_a_substitution_takes_changes_back() -> None:
    repository = FakeRepository(root=ROOT, dirty=True, states={f"{ROOT}/a.txt": "changed"})
    world = FakeWorld(files={f"{ROOT}/a.txt": "x"}, env={"HOME": "/home/dev"}, git=repository)
    assert "git.lose-changes" in found("git apply -R <(git diff)", world)
    assert found("git apply -R --check <(git diff)", world) == set()
