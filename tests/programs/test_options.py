"""The option parser: one spelling after another must come out as the same call."""

from __future__ import annotations

import shlex

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agentguard.interpret.values import Origin, Pattern, Unknown, Value, literal, unknown
from agentguard.operations import Option, ProgramCall
from agentguard.programs.option_table import TableError, merged
from agentguard.programs.options import Table, default_table, parse

CURL = Table.from_toml(
    {
        "names": ["curl"],
        "value": "-X -d -H -o",
        "flag": "-s -S -L --request-target",
        "same": ["-X --request", "-d --data", "-s --silent"],
        "abbreviate": True,
    }
)
RM = Table.from_toml(
    {
        "names": ["rm", "grm"],
        "flag": "--preserve-root --no-preserve-root",
        "optional": "--interactive",
        "same": ["-r -R --recursive", "-f --force"],
        "abbreviate": True,
    }
)
KUBECTL = Table.from_toml(
    {
        "names": ["kubectl", "oc"],
        "value": "-n -f --context",
        "same": ["-n --namespace", "-f --filename"],
        "sub": {
            "delete": {"flag": "--all", "aliases": ["del"]},
            "exec": {"value": "-c", "stop_early": True},
            "logs": {"flag": "-f", "same": ["-f --follow"]},
        },
    }
)
RAILWAY = Table.from_toml(
    {
        "names": ["railway"],
        "value": "-e -s",
        "same": ["-e --environment", "-s --service"],
        "sub": {
            "volume": {"value": "-v", "same": ["-v --volume"]},
            "volume delete": {"aliases": ["rm"], "flag": "-y", "same": ["-y --yes"]},
        },
    }
)
GIT = Table.from_toml(
    {
        "names": ["git"],
        "value": "-C -c",
        "inherit": False,
        "abbreviate": True,
        "sub": {
            "push": {"flag": "--force --force-with-lease --delete", "same": ["-f --force", "-d --delete"]},
            "switch": {"value": "-c", "same": ["-c --create"]},
            "stash": {},
            "stash drop": {},
        },
    }
)
TERRAFORM = Table.from_toml(
    {"names": ["terraform", "tofu"], "value": "-target -var", "single_dash_long": True, "sub": {"destroy": {}}}
)
TAR = Table.from_toml(
    {"names": ["tar"], "value": "-f -C", "same": ["-f --file", "-C --directory"], "bundled_first": True}
)


def call(table: Table, text: str) -> ProgramCall:
    return parse(table, [literal(word) for word in shlex.split(text)])


def options(table: Table, text: str) -> list[tuple[str, str | None]]:
    return [(o.name, None if o.value is None else str(o.value)) for o in call(table, text).options]


def operands(found: ProgramCall) -> list[str]:
    return [str(operand) for operand in found.operands]


@pytest.mark.parametrize(
    "text",
    [
        "curl -X DELETE u",
        "curl -XDELETE u",
        "curl u -X DELETE",
        "curl --request DELETE u",
        "curl --request=DELETE u",
        "curl --req=DELETE u",
        "curl -- u",
    ],
)
def test_a_value_option_in_every_spelling(text: str) -> None:
    found = call(CURL, text)
    assert operands(found) == ["u"]
    if "DELETE" in text and "--req=" not in text:
        assert found.value("--request") == literal("DELETE")


def test_a_cluster_ends_at_its_value() -> None:
    assert options(CURL, "curl -sSXDELETE u") == [("--silent", None), ("-S", None), ("--request", "DELETE")]
    assert options(CURL, "curl -sX DELETE u") == [("--silent", None), ("--request", "DELETE")]
    assert options(CURL, "curl -Xs u") == [("--request", "s")]


def test_getopt_keeps_an_equals_sign_and_newer_parsers_drop_it() -> None:
    assert options(CURL, "curl -d=x u") == [("--data", "=x")]
    assert options(KUBECTL, "kubectl get -n=prod") == [("--namespace", "prod")]


def test_unique_prefixes_only_where_the_program_takes_them() -> None:
    assert options(RM, "rm --recurs --forc x") == [("--recursive", None), ("--force", None)]
    assert options(RM, "rm --no-pres x") == [("--no-preserve-root", None)]
    assert options(CURL, "curl --reques DELETE u") == [("--request", "DELETE")]  # ambiguous: the plain option
    assert options(KUBECTL, "kubectl delete --al x") == [("--al", None)]


def test_optional_values_come_glued_only() -> None:
    found = call(RM, "rm --interactive never")
    assert found.options == (Option("--interactive"),)
    assert operands(found) == ["never"]
    assert options(RM, "rm --interactive=never x") == [("--interactive", "never")]


def test_a_short_option_with_an_optional_value() -> None:
    sed = Table.from_toml({"names": ["sed"], "optional": "-i", "value": "-e"})
    assert options(sed, "sed -i.bak x") == [("-i", ".bak")]
    assert options(sed, "sed -i x") == [("-i", None)]
    assert options(sed, "sed -ie x") == [("-i", "e")]


def test_pairs_take_two_words() -> None:
    jq = Table.from_toml({"names": ["jq"], "pair": "--arg"})
    found = call(jq, "jq --arg a --x .foo")
    assert [str(value) for value in found.values("--arg")] == ["a", "--x"]
    assert operands(found) == [".foo"]


def test_dashes_end_the_options() -> None:
    found = call(RM, "rm -f a -- -r b")
    assert operands(found) == ["a", "-r", "b"]
    assert found.after_dashes == 1
    assert not found.has("--recursive")


def test_a_value_option_takes_a_word_that_looks_like_an_option() -> None:
    found = call(CURL, "curl -d -- -X DELETE u")
    assert found.value("--data") == literal("--")
    assert found.value("--request") == literal("DELETE")


def test_options_after_operands_and_a_lone_dash() -> None:
    found = call(RM, "rm x -rf -")
    assert operands(found) == ["x", "-"]
    assert found.has("--recursive") and found.has("--force")


@pytest.mark.parametrize(
    "text",
    [
        "kubectl delete pod x -n prod",
        "kubectl -n prod delete pod x",
        "kubectl --namespace=prod del pod x",
        "oc -nprod delete pod x",
    ],
)
def test_global_options_before_and_after_the_subcommand(text: str) -> None:
    found = call(KUBECTL, text)
    assert (found.program, found.subcommand, operands(found)) == ("kubectl", ("delete",), ["pod", "x"])
    assert found.value("--namespace") == literal("prod")


def test_a_subcommand_may_mean_an_option_in_its_own_way() -> None:
    assert options(KUBECTL, "kubectl logs -f pod") == [("--follow", None)]
    assert options(KUBECTL, "kubectl apply -f x.yaml") == [("--filename", "x.yaml")]


def test_subcommands_are_found_behind_unknown_options() -> None:
    found = call(KUBECTL, "kubectl --some-new value delete pod x")
    assert found.subcommand == ("delete",)
    assert found.value("--some-new") == literal("value")
    assert operands(found) == ["pod", "x"]
    assert call(RAILWAY, "railway volume --at x delete").subcommand == ("volume", "delete")
    assert call(RAILWAY, "railway volume --json delete").subcommand == ("volume", "delete")


def test_deep_paths_aliases_and_options_between() -> None:
    for text in ("railway volume delete -y", "railway -s db volume --volume v rm --yes", "railway volume rm -ye prod"):
        found = call(RAILWAY, text)
        assert found.subcommand == ("volume", "delete"), text
        assert found.has("--yes"), text
        assert found.operands == ()


def test_an_unknown_first_word_is_still_the_subcommand() -> None:
    found = call(GIT, "git status push --force")
    assert found.subcommand == ("status",)
    assert operands(found) == ["push"]
    assert call(GIT, "git stash foo").subcommand == ("stash",)


def test_without_inheritance_a_subcommand_stands_alone() -> None:
    found = call(GIT, "git -C /repo -c a.b=c switch -c topic")
    assert found.values("-c") == (literal("a.b=c"),)
    assert found.value("--create") == literal("topic")
    assert options(GIT, "git grep -c x") == [("-c", None)]
    assert options(GIT, "git push --dele origin x") == [("--delete", None)]
    assert call(GIT, "git push --force-w").has("--force-with-lease")


def test_stop_early_leaves_the_inner_command_alone() -> None:
    found = call(KUBECTL, "kubectl exec -c app pod rm -rf /data")
    assert operands(found) == ["pod", "rm", "-rf", "/data"]
    assert options(KUBECTL, "kubectl exec -c app pod rm -rf /data") == [("-c", "app")]


@pytest.mark.parametrize("word", ["-auto-approve", "--auto-approve", "-auto-approve=true"])
def test_long_options_with_one_dash_or_two(word: str) -> None:
    found = call(TERRAFORM, f"terraform destroy {word} --target=a.b -target c.d")
    assert found.has("-auto-approve")
    assert [str(value) for value in found.values("-target")] == ["a.b", "c.d"]
    assert found.operands == ()


def test_options_in_any_case() -> None:
    shell = Table.from_toml(
        {"names": ["pwsh"], "value": "-path -file", "ignore_case": True, "single_dash_long": True, "abbreviate": True}
    )
    assert options(shell, "pwsh -PATH a -Fi B -NoLogo") == [("-path", "a"), ("-file", "B"), ("-nologo", None)]


def test_a_flag_set_to_false_is_not_set() -> None:
    assert not call(TERRAFORM, "terraform destroy -auto-approve=false").has("-auto-approve")
    assert options(KUBECTL, "kubectl delete --all=false x") == []
    assert options(KUBECTL, "kubectl delete --all=true x") == [("--all", "true")]


def test_a_first_word_of_letters() -> None:
    found = call(TAR, "tar xzfC a.tar /dst --wildcards x")
    assert found.value("--file") == literal("a.tar")
    assert found.value("--directory") == literal("/dst")
    assert operands(found) == ["x"]
    assert call(TAR, "tar -xzf a.tar").value("--file") == literal("a.tar")


def test_options_that_end_the_options() -> None:
    python = Table.from_toml({"names": ["python3"], "value": "-c -m -W", "ends": "-c -m", "stop_early": True})
    found = call(python, "python3 -Bc code -c x")
    assert options(python, "python3 -Bc code -c x") == [("-B", None), ("-c", "code")]
    assert operands(found) == ["-c", "x"]
    assert operands(call(python, "python3 -mpip -x")) == ["-x"]
    snap = Table.from_toml({"names": ["snap"], "sub": {"run": {"optional": "--shell", "ends": "--shell"}}})
    assert operands(call(snap, "snap run --shell=x -c y")) == ["-c", "y"]


def test_words_cut_short() -> None:
    artisan = Table.from_toml({"names": ["artisan"], "short_words": True, "sub": {"migrate:fresh": {}, "migrate": {}}})
    assert call(artisan, "artisan mig:fr").subcommand == ("migrate:fresh",)
    assert call(artisan, "artisan mig").subcommand == ("migrate",)
    assert call(artisan, "artisan serve").subcommand == ("serve",)
    ip = Table.from_toml(
        {"names": ["ip"], "short_words": True, "sub": {"link delete": {}, "link set": {}, "route": {}}}
    )
    assert call(ip, "ip l del eth0").subcommand == ("link", "delete")


def test_plus_words() -> None:
    bash = Table.from_toml({"names": ["bash"], "plus": True, "value": "+O -O"})
    assert options(bash, "bash +eu +O extglob x") == [("+e", None), ("+u", None), ("+O", "extglob")]
    assert operands(call(RM, "rm +x")) == ["+x"]


def test_a_name_that_stands_for_words() -> None:
    compose = Table.from_toml(
        {"names": ["docker-compose"], "stands_for": ["docker", "compose"], "sub": {"compose": {"sub": {"down": {}}}}}
    )
    found = call(compose, "docker-compose down -v")
    assert (found.program, found.subcommand) == ("docker", ("compose", "down"))
    assert found.has("-v")


def test_depth_names_words_without_tables() -> None:
    aws = Table.from_toml({"names": ["aws"], "value": "--profile", "depth": 2})
    found = call(aws, "aws --profile p ec2 terminate-instances --instance-ids i-1")
    assert found.subcommand == ("ec2", "terminate-instances")


def test_any_word_in_a_path() -> None:
    gcloud = Table.from_toml(
        {"names": ["gcloud"], "sub": {"* * delete": {"flag": "-q"}, "compute": {"value": "--zone"}, "* delete": {}}}
    )
    found = call(gcloud, "gcloud compute --zone z instances delete vm")
    assert found.subcommand == ("compute", "instances", "delete")
    assert operands(found) == ["vm"]
    assert call(gcloud, "gcloud projects delete p").subcommand == ("projects", "delete")


def test_numbers_are_one_option() -> None:
    assert options(default_table("git"), "git -20 log") == [("-20", None)]


# ---------------------------------------------------------------------------------------- unknown words

OUTPUT = unknown(Origin.OUTPUT, "x", many=True)


def with_unknown(table: Table, *words: str | Value) -> ProgramCall:
    return parse(table, [literal(word) if isinstance(word, str) else word for word in words])


def test_an_unknown_word_is_a_value_where_one_is_due() -> None:
    found = with_unknown(CURL, "curl", "-X", OUTPUT, "u")
    assert found.value("--request") == OUTPUT
    assert not found.opaque


def test_an_unknown_word_may_be_options() -> None:
    found = with_unknown(RM, "rm", OUTPUT)
    assert found.operands == (OUTPUT,)
    assert found.opaque


def test_an_unknown_part_of_a_name_or_a_known_beginning_is_no_option() -> None:
    safe = Value((Unknown(Origin.LOOP, path_safe=True),))
    beginning = Value(("dir/", Unknown(Origin.OUTPUT)))
    found = with_unknown(RM, "rm", safe, beginning, Value((Pattern("*"),)))
    assert not found.opaque
    assert len(found.operands) == 3


def test_a_known_beginning_is_read() -> None:
    rest = Unknown(Origin.VARIABLE, "M")
    assert with_unknown(CURL, "curl", Value(("--request=", rest))).value("--request") == Value((rest,))
    assert with_unknown(CURL, "curl", Value(("-sX", rest))).value("--request") == Value((rest,))
    flags = with_unknown(RM, "rm", Value(("-r", rest)), "x")
    assert flags.has("--recursive") and flags.opaque
    assert with_unknown(RM, "rm", Value(("--", rest)), "x").opaque


def test_after_the_dashes_nothing_is_opaque() -> None:
    found = with_unknown(RM, "rm", "--", OUTPUT)
    assert found.operands == (OUTPUT,)
    assert not found.opaque


# ------------------------------------------------------------------------------------------- tables


def test_a_table_says_what_is_wrong_with_it() -> None:
    for raw, part in (
        ({"value": "-x"}, "names"),
        ({"names": ["x"], "valeu": "-x"}, "valeu"),
        ({"names": ["x"], "abbreviate": "yes"}, "abbreviate"),
        ({"names": ["x"], "same": "-a --all"}, "same"),
        ({"names": ["x"], "sub": {"y": 1}}, "sub.y"),
    ):
        with pytest.raises(TableError, match=part):
            Table.from_toml(raw)


def test_descriptions_of_two_packs_add_up() -> None:
    both = Table.from_toml(
        merged(
            {"names": ["x"], "value": "-a", "sub": {"y": {"value": "-b"}}},
            {"names": ["x", "xx"], "value": "-c", "sub": {"y z": {}, "y": {"flag": "-d"}}},
        )
    )
    assert both.names == ("x", "xx")
    assert both.value == {"-a", "-c"}
    child = both.child("y")
    assert child is not None
    assert child[1].value == {"-a", "-b", "-c"}
    assert child[1].child("z") is not None


def test_canonical_names_of_a_path() -> None:
    assert KUBECTL.at(["logs"]).canonical("-f") == "--follow"
    assert KUBECTL.at(["get"]).canonical("-f") == "--filename"
    assert TERRAFORM.canonical("--target") == "-target"


def test_an_unknown_letter_before_an_option_with_a_value_takes_no_other_word() -> None:
    found = parse(KUBECTL, [literal("kubectl"), *map(literal, ("-zf", "a.yaml", "b"))])
    assert [str(option.value) for option in found.options if option.value is not None] == ["a.yaml"]
    assert found.subcommand == ("b",)


words = st.lists(st.one_of(st.text("-=abXdrfn+x", max_size=6), st.sampled_from(["--", "-", "delete", "volume"])))


@settings(max_examples=200, deadline=None)
@given(words, st.sampled_from([CURL, RM, KUBECTL, RAILWAY, GIT, TERRAFORM, TAR]))
def test_no_word_is_lost(texts: list[str], table: Table) -> None:
    """Each word that is no option, sub-command or false flag comes out as an operand or a value, in order."""
    found = parse(table, [literal("p"), *map(literal, texts)])
    for text in texts:
        if not text.startswith("-") and text and table is not TAR and text not in found.subcommand:
            out = [o.value.known for o in found.options if o.value is not None] + [v.known for v in found.operands]
            assert text in out or text in ("del", "rm")
