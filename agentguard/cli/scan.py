"""``agentguard scan``: destructive commands in files, before they are committed or run."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from time import monotonic

import click

from agentguard.light import dataclass
from agentguard.scan.files import KINDS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from agentguard.scan.baseline import Entry
    from agentguard.scan.changes import Changed, Index
    from agentguard.scan.model import Report
    from agentguard.scan.scanner import FileResult
    from agentguard.scan.sifting import Sieve

CLEAN, FINDINGS, FAILED = 0, 1, 2
SEVERITIES = ("critical", "high", "medium", "low")
FORMATS = ("text", "json", "sarif", "github", "gitlab")
_ALIASES = {"gha": "workflow"}


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked for. ``paths`` are the words of the command line; ``root`` is the top of the project."""

    paths: tuple[str, ...]
    root: str
    kinds: frozenset[str]
    markdown: bool
    jobs: int
    revision: str
    staged: bool
    baseline: str
    write_baseline: bool
    silencing: bool


@click.command("scan")
@click.argument("paths", nargs=-1, type=click.Path())
@click.option(
    "--fail-on", type=click.Choice(SEVERITIES), default="high", help="Exit with 1 from this on (default: high)."
)
@click.option("--format", "form", type=click.Choice(FORMATS), default="text", help="How to report (default: text).")
@click.option(
    "--kind", "kinds", multiple=True, type=click.Choice((*KINDS, *_ALIASES)), help="Only this kind of file; repeatable."
)
@click.option("--markdown", is_flag=True, help="Also shell blocks in Markdown files.")
@click.option("--diff", "revision", default="", metavar="REV", help="Only lines that changed since REV.")
@click.option("--staged", is_flag=True, help="The files that git would commit, as they are staged.")
@click.option("--baseline", default="", metavar="FILE", help="Known findings (default: .agentguard-baseline.json).")
@click.option("--write-baseline", is_flag=True, help="Make everything that is found known, in that file.")
@click.option("--jobs", type=click.IntRange(0), default=0, metavar="N", help="Processes (default: by what there is).")
@click.option("--no-ignore", is_flag=True, help="Also what comments, configuration and baseline leave out.")
def command(
    paths: tuple[str, ...],
    fail_on: str,
    form: str,
    kinds: tuple[str, ...],
    markdown: bool,
    revision: str,
    staged: bool,
    baseline: str,
    write_baseline: bool,
    jobs: int,
    no_ignore: bool,
) -> int:
    """Find destructive commands in PATHS: files, directories, - for standard input (default: this directory).

    Nothing in them is run. Exit status 0: no finding of the severity of --fail-on or above. 1: there is one.
    2: a path does not exist, no file could be read, or git, the configuration or the baseline cannot be used; what
    was found all the same is reported. Parts of a file that cannot be read are reported and fail nothing.
    """
    from agentguard import output
    from agentguard.config import ConfigError
    from agentguard.frontdoor import working_directory
    from agentguard.scan.baseline import BaselineError
    from agentguard.scan.changes import ChangesError, environment, top

    if write_baseline and (staged or revision or no_ignore):
        raise click.UsageError("--write-baseline is about whole files: not with --staged, --diff or --no-ignore")
    here = working_directory()
    request = Request(
        paths=paths or (".",),
        root=top(here, environment(os.environ)) or os.path.realpath(here),
        kinds=frozenset(_ALIASES.get(kind, kind) for kind in kinds),
        markdown=markdown or "markdown" in kinds,
        jobs=jobs,
        revision=revision,
        staged=staged,
        baseline=baseline,
        write_baseline=write_baseline,
        silencing=not no_ignore,
    )
    try:
        return _run(request, form, fail_on)
    except (ConfigError, BaselineError, ChangesError) as error:
        output.error(str(error))
        return FAILED


def _run(request: Request, form: str, fail_on: str) -> int:
    from agentguard.policy import layers
    from agentguard.rulebook.model import Severity
    from agentguard.scan import baseline
    from agentguard.scan.sifting import Sieve
    from agentguard.scan.silence import configured

    start = monotonic()
    known_at, known = _known(request)
    changed, index = _changes(request)
    owners, projects = layers(os.getcwd())
    sieve = Sieve(
        request.root,
        configured((*owners, *projects), request.root),
        frozenset() if request.write_baseline else frozenset(entry.fingerprint for entry in known),
        changed,
        request.silencing,
    )
    missing = _missing(request) if index is None else []
    unread = _take_all(sieve, request, _paths(request, changed, index, missing), index)
    if request.write_baseline:
        kept = [e for e in known if e.path not in sieve.scanned and os.path.lexists(f"{request.root}/{e.path}")]
        baseline.write(known_at, [*kept, *baseline.entries(sieve.found)])
        click.echo(f"{len(sieve.found)} findings are known now, in {known_at}", err=True)
        return FAILED if missing or unread else CLEAN
    if known and changed is None and index is None:
        gone = baseline.stale(known_at, known, sieve.fingerprints, sieve.scanned, request.root)
        sieve.add(baseline.identify(gone, baseline.from_top(known_at, request.root)))
    report = sieve.report(monotonic() - start)
    _write(report, sieve, form)
    if missing or unread:
        return FAILED
    return FINDINGS if any(hit.severity >= Severity[fail_on.upper()] for hit in report.hits) else CLEAN


def _known(request: Request) -> tuple[str, list[Entry]]:
    """Where the baseline lies, and its entries."""
    from agentguard.scan import baseline

    path = request.baseline or os.path.relpath(os.path.join(request.root, baseline.NAME))
    there = os.path.lexists(path)
    if not request.silencing or (not there and (request.write_baseline or not request.baseline)):
        return path, []
    return path, baseline.read(path)


def _changes(request: Request) -> tuple[Changed | None, Index | None]:
    """The changed lines, if they are asked for, and what is staged, if that is."""
    from agentguard.scan.changes import ChangesError, environment, since, staged, top

    if not request.revision and not request.staged:
        return None, None
    env = environment(os.environ)
    if top(os.getcwd(), env) is None:
        raise ChangesError("--diff and --staged need a git work tree, and this is none")
    changed = since(request.root, env, request.revision, request.staged) if request.revision else None
    return changed, staged(request.root, env) if request.staged else None


def _missing(request: Request) -> list[str]:
    """The paths that do not exist; each is named on standard error."""
    from agentguard import output

    missing = [path for path in request.paths if path != "-" and not os.path.lexists(path)]
    for path in missing:
        output.error(f"{path}: no such file or directory")
    return missing


def _paths(request: Request, changed: Changed | None, index: Index | None, missing: Sequence[str]) -> list[str]:
    """The paths to scan: those asked for, or the changed files in them."""
    from agentguard.scan.baseline import from_top

    if changed is None and index is None:
        return [path for path in request.paths if path not in missing]
    names = set(index.blobs) if index is not None else set(changed or ())
    if changed is not None:
        names &= set(changed)
    wanted = [from_top(path, request.root) for path in request.paths if path != "-"]
    inside = [name for name in sorted(names) if any(w == "." or f"{name}/".startswith(f"{w}/") for w in wanted)]
    paths = [os.path.relpath(os.path.join(request.root, name)) for name in inside]
    return paths if index is not None else [path for path in paths if os.path.isfile(path)]


def _take_all(sieve: Sieve, request: Request, paths: Sequence[str], index: Index | None) -> bool:
    """Scan, and sift the results. Whether there were files and none of them could be read."""
    from agentguard.output_scan import progress

    read = 0
    with progress() as advance:
        for result in _results(request, paths, sieve.leaves_out, index):
            sieve.take(result)
            read += bool(result.text) or all(problem.foreign for problem in result.problems)
            advance(sieve.files)
    return sieve.files > 0 and read == 0


def _results(
    request: Request, paths: Sequence[str], leaves_out: Callable[[str], bool], index: Index | None
) -> Iterator[FileResult]:
    from agentguard.scan.scanner import scan

    if not paths:
        return
    yield from scan(
        paths,
        kinds=request.kinds or None,
        markdown=request.markdown,
        jobs=request.jobs,
        read=index,
        leaves_out=leaves_out,
    )


def _write(report: Report, sieve: Sieve, form: str) -> None:
    """The report on standard output."""
    if form == "text":
        from agentguard.output_scan import findings

        findings(report)
        return
    from agentguard.scan import report_github, report_gitlab, report_json, report_sarif

    match form:
        case "json":
            written = report_json.text(report, sieve.found)
        case "sarif":
            written = report_sarif.text(report, sieve.found, sieve.root)
        case "github":
            written = report_github.text(report, sieve.found, sieve.root)
        case _:
            written = report_gitlab.text(sieve.found)
    if written:
        click.echo(written)
