"""The walk reaches every node that a node holds."""

from __future__ import annotations

from typing import Any

from agentguard.light import fields, is_dataclass
from agentguard.syntax.parser import parse
from agentguard.syntax.walk import _CHILDREN, children, commands, contexts, nodes

TEXT = """
a=1 b[$(c)]=x q=(d [e]=f)
declare -A g=([h]=$(i)) 2>j <<E {k}>l
${m:-$(n)} ${o[$(p)]:q:r} "$(s)"
E
if t; then u & elif v; then w; else x; fi >y |& z <(aa) && ! time a
for bb in {cc,d*d} ~; do ee; done; for ((ff=1; $(gg); hh)); do ii; done; select jj in kk; do ll; done
while mm; do nn; done; case oo in pp|$(qq)) rr;& ss) tt;; esac; uu() { vv; }; (ww) && [[ xx == yy ]] || ((zz++))
coproc ab { ac; }; ad $((ae)) >(af) `ag`
"""


def held(value: Any) -> list[Any]:
    """The nodes inside of a field, whatever holds them."""
    if isinstance(value, tuple):
        return [node for item in value for node in held(item)]
    return [value] if is_dataclass(value) else []


def test_children_are_all_nodes_that_a_node_holds() -> None:
    kinds = set()
    for node in nodes(parse(TEXT)):
        kinds.add(type(node).__name__)
        inside = [child for field in fields(node) for child in held(getattr(node, field.name))]
        assert sorted(map(id, inside)) == sorted(map(id, children(node))), type(node).__name__
    assert kinds == {kind.__name__ for kind in _CHILDREN}  # the text has one of each


def test_each_context_is_visited_once() -> None:
    script = parse("a $(b $(c)) <(d) `e`")
    assert len(list(contexts(script))) == 5
    found = [(context is script, len(command.words)) for context, command in commands(script)]
    assert found == [(True, 4), (False, 2), (False, 1), (False, 1), (False, 1)]


def test_spans_lie_inside_their_parents() -> None:
    for node in nodes(parse(TEXT)):
        for child in children(node):
            inside = node.span[0] <= child.span[0] and child.span[1] <= node.span[1]
            assert inside or type(child).__name__ == "Heredoc" or _after_heredoc(node), (node, child)


def _after_heredoc(node: Any) -> bool:
    return type(node).__name__ in ("Heredoc", "Script")
