import pytest
from made import made_analysis, made_finding

from agentguard.config import Allowance, Mode
from agentguard.interpret.values import Origin, Pattern, Truth, Unknown, Value
from agentguard.judge import judge
from agentguard.light import replace
from agentguard.policy import Policy
from agentguard.rulebook.model import Severity

CRITICAL, HIGH, MEDIUM, LOW = Severity.CRITICAL, Severity.HIGH, Severity.MEDIUM, Severity.LOW
FLOOR = made_finding("files.root", CRITICAL, floor=True, target="/")


def decision(*findings, mode=Mode.STANDARD, attended=False, allowances=(), **analysis):
    policy = Policy(mode=mode, allowances=allowances)
    return judge(made_analysis(*findings, **analysis), policy, attended=attended).decision


def test_nothing_found_is_a_silent_allow():
    verdict = judge(made_analysis(), Policy())
    assert (verdict.decision, verdict.supervise, verdict.findings, verdict.reason) == ("allow", False, (), "")


@pytest.mark.parametrize(
    ("severity", "said", "expected"),
    [
        (CRITICAL, "ask", "ask"),
        (HIGH, "ask", "ask"),
        (MEDIUM, "ask", "ask"),
        (LOW, "ask", "allow"),
        (HIGH, "supervise", "allow"),
        (CRITICAL, "ignore", "allow"),
    ],
)
def test_standard_mode(severity, said, expected):
    assert decision(made_finding(severity=severity, decision=said)) == expected


def test_a_low_finding_is_still_told():
    verdict = judge(made_analysis(made_finding(severity=LOW)), Policy())
    assert verdict.decision == "allow"
    assert verdict.findings[0].severity is LOW
    assert verdict.reason.startswith("noted: ")


def test_the_floor_blocks_in_every_mode_and_nothing_lifts_it():
    lift = (Allowance("*", "everything"),)
    for mode in Mode:
        assert decision(FLOOR, mode=mode, attended=True, allowances=lift) == "block"


def test_a_floor_that_is_not_certain_is_asked_in_every_mode():
    maybe = made_finding("files.root", CRITICAL, floor=True, certainty=Truth.MAYBE)
    assert decision(maybe, mode=Mode.OBSERVE) == "ask"
    assert decision(maybe) == "ask"


def test_the_strictest_finding_wins_and_comes_first():
    verdict = judge(made_analysis(made_finding(severity=LOW), made_finding(), FLOOR), Policy())
    assert verdict.decision == "block"
    assert [finding.severity for finding in verdict.findings] == [CRITICAL, HIGH, LOW]
    assert "and 1 more" in verdict.reason


def test_supervise_is_a_flag_on_an_allow():
    verdict = judge(made_analysis(made_finding(severity=MEDIUM, decision="supervise")), Policy())
    assert (verdict.decision, verdict.supervise) == ("allow", True)
    unread = judge(made_analysis(opaque=("what deploy does is not known",)), Policy())
    assert (unread.decision, unread.supervise) == ("allow", True)
    assert "deploy" in unread.reason


def test_what_is_not_understood_is_asked_in_every_mode_and_blocked_in_strict_where_nobody_can_be_asked():
    analysis = made_analysis(problem="the quote at 4 is not closed")
    for mode in Mode:
        for attended in (True, False):
            verdict = judge(analysis, Policy(mode=mode), attended=attended)
            expected = "block" if mode is Mode.STRICT and not attended else "ask"
            assert (verdict.decision, verdict.reason) == (expected, "the quote at 4 is not closed")


def test_findings_stand_beside_a_problem():
    assert decision(FLOOR, problem="the quote at 40 is not closed") == "block"


def test_strict_mode_blocks_where_nobody_can_be_asked_and_raises_medium():
    assert decision(made_finding(), mode=Mode.STRICT) == "block"
    assert decision(made_finding(), mode=Mode.STRICT, attended=True) == "ask"
    maybe = made_finding(severity=MEDIUM, decision="supervise", certainty=Truth.MAYBE)
    assert decision(maybe, mode=Mode.STRICT, attended=True) == "ask"
    assert decision(made_finding(severity=LOW, decision="supervise"), mode=Mode.STRICT) == "allow"


def test_observe_mode_allows_and_reports():
    verdict = judge(made_analysis(made_finding()), Policy(mode=Mode.OBSERVE))
    assert verdict.decision == "allow"
    assert verdict.findings and "overwrites the remote branch" in verdict.reason


def test_a_reason_says_when_it_is_not_certain():
    verdict = judge(made_analysis(made_finding(certainty=Truth.MAYBE)), Policy())
    assert verdict.reason.startswith("may do this: ")


@pytest.mark.parametrize(
    ("allowance", "expected"),
    [
        (Allowance("git.push-force", "r"), "allow"),
        (Allowance("git.*", "r"), "allow"),
        (Allowance("railway.*", "r"), "ask"),
        (Allowance("git.*", "r", target="origin/*"), "allow"),
        (Allowance("git.*", "r", target="backup/*"), "ask"),
        (Allowance("git.*", "r", environment="staging"), "ask"),
        (Allowance("git.*", "r", environment="unknown"), "allow"),
    ],
)
def test_an_allowance_lifts_its_rule_within_its_scope(allowance, expected):
    assert decision(made_finding(), allowances=(allowance,)) == expected


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("git", "push", "--force"), "allow"),
        (("git", "-C", "sub", "push", "--force"), "allow"),
        (("git", "-C", "..", "push", "--force"), "ask"),
        (("git", "-C../other", "push", "--force"), "ask"),
        (("git", "-C", "out", "push", "--force"), "allow"),
        (("git", "-C", "/srv/other", "push", "--force"), "ask"),
        (("git", "-C/srv/other", "push", "--force"), "ask"),
        (("git", "--git-dir=/srv/other/.git", "push", "--force"), "ask"),
        (("git", "push", "--force", "https://example.com/x.git", "HEAD:main"), "allow"),
        (("git", "push", "--force", "https://dev@example.com:8443/x.git", "HEAD~2:main"), "allow"),
        (("git", "push", "--force", "file:///srv/other"), "ask"),
        (("git", "-C", "sub/../../other", "push", "--force"), "ask"),
        (("git", "-Csub/../../other", "push", "--force"), "ask"),
        (("git", "-C", "sub/../sub", "push", "--force"), "allow"),
        (("git", "-C", "//srv/other", "push", "--force"), "ask"),
        (("git", "-C", "~/other", "push", "--force"), "ask"),
        (("git", "--git-dir=~dev/other/.git", "push", "--force"), "ask"),
        (("git", "-c", "a.b=sub:../other", "push", "--force"), "ask"),
        (("git", "-c", "a.b=" + "," * 20_000, "push", "--force"), "ask"),
    ],
)
def test_an_allowance_for_a_directory_holds_for_what_stays_in_it(tmp_path, words, expected):
    fork = tmp_path / "fork"
    (fork / "sub").mkdir(parents=True)
    lift = (Allowance("git.*", "r", directory=str(fork)),)
    assert decision(made_finding(cwd=str(fork), words=words), allowances=lift) == expected
    assert decision(made_finding(cwd=f"{fork}/sub/..", words=words), allowances=lift) == expected
    assert decision(made_finding(cwd=str(tmp_path), words=words), allowances=lift) == "ask"
    assert decision(made_finding(cwd=f"{fork}ed", words=words), allowances=lift) == "ask"
    assert decision(made_finding(cwd=str(fork), words=words, place="ssh db1"), allowances=lift) == "ask"


def test_a_link_does_not_carry_an_allowance_to_another_directory(tmp_path):
    (tmp_path / "fork").mkdir()
    (tmp_path / "other").mkdir()
    (tmp_path / "fork" / "way").symlink_to(tmp_path / "other")
    lift = (Allowance("git.*", "r", directory=str(tmp_path / "fork")),)
    assert decision(made_finding(cwd=f"{tmp_path}/fork/way"), allowances=lift) == "ask"
    for words in (("git", "-C", "way", "push"), ("git", "-Cway", "push"), ("git", "--git-dir=way/.git", "push")):
        assert decision(made_finding(cwd=f"{tmp_path}/fork", words=words), allowances=lift) == "ask"
    (tmp_path / "name").symlink_to(tmp_path / "fork")
    assert decision(made_finding(cwd=f"{tmp_path}/name"), allowances=lift) == "allow"


@pytest.mark.parametrize(
    ("piece", "expected"),
    [
        (Unknown(Origin.OUTPUT, "cat"), "ask"),
        (Unknown(Origin.LOOP, path_safe=True), "allow"),
        (Pattern("*"), "allow"),
    ],
)
def test_an_allowance_does_not_hold_where_part_of_a_path_is_not_known(tmp_path, piece, expected):
    """``rm -rf sub/$(cat way)`` may reach anything."""
    finding = made_finding(cwd=str(tmp_path))
    argv = (*finding.invocation.argv, Value(("sub/", piece)))
    found = replace(finding, invocation=replace(finding.invocation, argv=argv))
    assert decision(found, allowances=(Allowance("git.*", "r", directory=str(tmp_path)),)) == expected


def test_a_pattern_that_fits_the_directory_above_leads_out(tmp_path):
    finding = made_finding(cwd=str(tmp_path))
    lift = (Allowance("git.*", "r", directory=str(tmp_path)),)
    for prefix, expected in ((".", "ask"), ("sub/..", "ask"), (".cache", "allow")):
        argv = (*finding.invocation.argv, Value((prefix, Pattern("*"))))
        found = replace(finding, invocation=replace(finding.invocation, argv=argv))
        assert decision(found, allowances=lift) == expected, prefix


@pytest.mark.parametrize(
    ("pattern", "target", "expected"),
    [
        ("origin/feature-*", "origin/feature-x", "allow"),
        ("origin/feature-*", "origin/feature-x main", "ask"),
        ("origin/feature-*", "origin/feature-x, origin/main", "ask"),
        ("origin/feature-?", "origin/feature-", "ask"),
        ("volumeId *, *", "volumeId 8f0c, api.example.com", "allow"),
        ("**", "anything at all, here", "allow"),
    ],
)
def test_a_star_in_a_target_stays_within_a_word(pattern, target, expected):
    lift = (Allowance("git.*", "r", target=pattern),)
    assert decision(made_finding(target=target), allowances=lift) == expected


def test_an_allowance_lifts_only_what_it_covers():
    lift = (Allowance("git.*", "r"),)
    assert decision(made_finding(), made_finding("railway.volume-delete", CRITICAL), allowances=lift) == "ask"
