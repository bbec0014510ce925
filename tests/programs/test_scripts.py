"""JavaScript, Ruby, Perl, PHP and smaller languages are read for what their calls do."""

from __future__ import annotations

import pytest

from agentguard.interpret.invocation import Effect
from agentguard.operations import CodeExecution, FileDelete, Opaque, SqlStatement
from tests.programs.effects import commands, effects

HERE = "/home/dev/app/"

COMMANDS = [
    ("node -e", "require('child_process').execSync('rm x')", "rm x"),
    ("node -e", "const {exec: e} = require('node:child_process'); e('rm x', () => {})", "rm x"),
    ("node -e", "const cp = require('child_process'); cp['exec' + 'Sync']('rm x')", "rm x"),
    ("node --eval", 'import {spawn as s} from "child_process"; s("rm", ["x"], {stdio: "inherit"})', "rm x"),
    ("node -p", "require('child_process').spawnSync('rm x', {shell: true})", "rm x"),
    ("node -e", "const d = `x`; require('child_process').execSync(`rm ${d}`)", "rm x"),
    ("node -e", "const h = process.env.HOME; require('child_process').execSync('rm ' + h)", "rm /home/dev"),
    ("node -e", "require('child_process').execSync(['rm', 'x'].join(' '))", "rm x"),
    ("node -e", "require('child_process').execSync('x mr'.split('').reverse().join(''))", "rm x"),
    ("node -e", "eval(\"require('child_process').execSync('rm x')\")", "rm x"),
    ("node -e", "fetch('https://a.b/c', {method: 'DELETE'})", "curl -X DELETE -- https://a.b/c"),
    ("node -e", "require('axios').delete('https://a.b/c')", "curl -X DELETE -- https://a.b/c"),
    (
        "node -e",
        "axios.post('https://a.b', {q: 'x'}, {headers: {K: 'v'}})",
        'curl -X POST -H K: v --data-raw {"q": "x"} -- https://a.b',
    ),
    ("bun -e", "Bun.spawnSync(['rm', 'x'])", "rm x"),
    ("deno eval", "new Deno.Command('rm', ['x'])", "rm x"),
    ("ruby -e", "system('rm x')", "rm x"),
    ("ruby -e", "system 'rm', 'x'", "rm x"),
    ("ruby -e", "`rm x`", "rm x"),
    ("ruby -e", "%x(rm x)", "rm x"),
    ("ruby -e", 'n = "x"; exec "rm #{n}"', "rm x"),
    ("ruby -e", "Open3.capture2('rm x')", "rm x"),
    ("ruby -e", "IO.popen(['rm', 'x'])", "rm x"),
    ("perl -e", "system('rm x')", "rm x"),
    ("perl -e", "system qw(rm x)", "rm x"),
    ("perl -e", "exec 'rm', 'x'", "rm x"),
    ("perl -e", "my $n = q{x}; `rm $n`", "rm x"),
    ("perl -e", "print qx{rm x}", "rm x"),
    ("perl -e", "open(F, 'rm x |')", "rm x "),
    ("perl -e", "open(my $f, '-|', 'rm', 'x')", "rm x"),
    ("perl -ne", "s/a/system('rm x')/e", "rm x"),
    ("php -r", "system('rm x');", "rm x"),
    ("php -r", "$c = 'rm'; echo shell_exec($c . ' x');", "rm x"),
    ("php -r", "`rm x`;", "rm x"),
    ("lua -e", "os.execute('rm ' .. 'x')", "rm x"),
    ("Rscript -e", "system('rm x')", "rm x"),
    ("julia -e", "run(`rm x`)", "rm x"),
    ("groovy -e", "'rm x'.execute()", "rm x"),
    ("elixir -e", 'System.cmd("rm", ["x"])', "rm x"),
    ("osascript -e", 'do shell script "rm x"', "rm x"),
]


@pytest.mark.parametrize(("call", "code", "command"), COMMANDS)
def test_commands(call: str, code: str, command: str) -> None:
    assert commands(effects(*call.split(), code)) == [command]


@pytest.mark.parametrize(
    ("call", "code", "path", "recursive"),
    [
        ("node -e", "require('fs').rmSync('x', {recursive: true, force: true})", HERE + "x", True),
        ("node -e", "const fs = require('fs'); fs.unlinkSync('x')", HERE + "x", False),
        ("node -e", "import {rm} from 'fs/promises'; rm('x', {recursive: true})", HERE + "x", True),
        ("node -e", "require('fs').promises.rmdir(require('path').join('a', 'x'))", HERE + "a/x", False),
        ("node -e", "require('rimraf').sync('x')", HERE + "x", True),
        ("node -e", "require('fs').rmSync(require('os').homedir(), {recursive: true})", "/home/dev", True),
        ("ruby -e", "require 'fileutils'; FileUtils.rm_rf('x')", HERE + "x", True),
        ("ruby -e", "FileUtils.rm_rf Dir.home", "/home/dev", True),
        ("ruby -e", "File.delete 'x'", HERE + "x", False),
        ("perl -e", "unlink 'x'", HERE + "x", False),
        ("perl -e", 'use File::Path; rmtree("$ENV{HOME}/x")', "/home/dev/x", True),
        ("php -r", "unlink('x');", HERE + "x", False),
        ("lua -e", "os.remove('x')", HERE + "x", False),
        ("Rscript -e", "unlink('x', recursive = TRUE)", HERE + "x", True),
        ("elixir -e", 'File.rm_rf!("x")', HERE + "x", True),
        ("groovy -e", "new File('x').deleteDir()", HERE + "x", True),
    ],
)
def test_deletes(call: str, code: str, path: str, recursive: bool) -> None:
    found = [effect for effect in effects(*call.split(), code) if isinstance(effect, FileDelete)]
    assert [(str(effect.path), effect.recursive) for effect in found] == [(path, recursive)]


@pytest.mark.parametrize(
    ("call", "code"),
    [
        ("node -e", "const s = 'rm -rf /; DROP TABLE users'; console.log(s.split(';').map(x => x.trim()))"),
        ("node -e", "// require('child_process').execSync('rm -rf /')\nconsole.log(1)"),
        ("node -e", "/rm -rf (.*)/.exec(s); const m = /a/g"),
        ("node -p", "require('./package.json').version.replace(/rm -rf/, '')"),
        ("php -r", "echo PHP_VERSION;"),
        ("ruby -e", "puts 'rm -rf /' # system('rm x')"),
        ("perl -ne", "print if /rm -rf/"),
        ("perl -pe", "s/rm -rf/ls/g"),
        ("lua -e", "print('rm -rf /')"),
    ],
)
def test_strings_are_only_data(call: str, code: str) -> None:
    found: list[Effect] = [e for e in effects(*call.split(), code) if not isinstance(e, Opaque)]
    assert found == []


def test_statements_to_a_database() -> None:
    for call, code in (
        ("node -e", "client.query('DROP TABLE users')"),
        ("php -r", "$pdo->exec('DROP TABLE users');"),
        ("ruby -e", "ActiveRecord::Base.connection.execute('DROP TABLE users')"),
    ):
        assert [e.verb for e in effects(*call.split(), code) if isinstance(e, SqlStatement)] == ["DROP"]


def test_code_from_elsewhere() -> None:
    found = effects("node", "-e", "eval(Buffer.from('cm0=', 'base64').toString())")
    assert CodeExecution("decoded", "node") in found


def test_files() -> None:
    assert commands(effects("php", "x.php", files={"x.php": "system('a') <?php system('rm x'); ?> text"})) == ["rm x"]
    assert commands(effects("node", "x", files={"x.js": "require('child_process').execSync('rm x')"})) == ["rm x"]
    assert commands(effects("./x.rb", files={"x.rb": "system('rm x')"})) == ["rm x"]
    assert isinstance(effects("ruby", "missing.rb")[0], Opaque)
    assert isinstance(effects("./tool", files={"tool": "\x7fELF\0"})[0], Opaque)


def test_hosts_that_were_connected_first() -> None:
    found = effects("ruby", "-e", "Net::HTTP.new('a.b').delete('/c')")
    assert commands(found) == ["curl -X DELETE -- https://a.b/c"]


def test_unknown_paths_are_only_noted() -> None:
    (found,) = effects("node", "-e", "files.forEach(f => require('fs').unlinkSync(f))")
    assert isinstance(found, Opaque)
