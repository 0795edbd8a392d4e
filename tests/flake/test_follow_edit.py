"""What flake.nix declares, as automatic follow sees it; and a plan written in the spelling that is there."""

import pytest
from lock_graphs import lock_of

from nixedit.document import loads
from nixedit.flake.follow_edit import declared_in, write
from nixedit.flake.follow_plan import Declared, Wishes, plan

LOCK = lock_of(
    {"n": {}, "n2": {}, "s": {}, "a": {"inputs": {"n": "n2", "s": "s"}}},
    {"n": "n", "a": "a"},
)


def declared(text: str) -> dict[str, Declared]:
    return declared_in(loads(text))


def followed(text: str, wishes: Wishes | None = None) -> str:
    document = loads(text)
    with document.edit():
        write(document, plan(declared_in(document), LOCK, wishes))
    return document.text


def test_every_spelling_declares_the_same():
    own = Declared(url="github:o/a", overrides={("n",): ("n",), ("x", "y"): ()}, flake=False)
    for text in (
        '{ inputs.a = { url = "github:o/a"; flake = false; inputs = { n.follows = "n"; x.inputs.y.follows = ""; }; }; }',
        '{ inputs = { a.url = github:o/a; a.inputs.n.follows = "n"; a.inputs.x.inputs.y.follows = ""; a.flake = false; }; }',
        '{ inputs.a.url = "github:o/a"; inputs."a".inputs.x = { inputs.y = { follows = ""; }; }; inputs.a.flake = false; inputs.a.inputs."n".follows = "n"; }',
    ):
        assert declared(text) == {"a": own}


def test_attributes_are_a_reference_too():
    text = '{ inputs.a = { type = "git"; url = "https://x.org/a"; ref = "b"; }; }'
    assert declared(text)["a"].attributes == {"type": "git", "url": "https://x.org/a", "ref": "b"}


def test_an_input_of_an_input_with_a_reference_of_its_own_is_decided():
    text = '{ inputs.a = { url = "github:o/a"; inputs.n.url = "github:o/n"; inputs.m = { type = "path"; path = "./m"; }; }; }'
    assert declared(text)["a"].overrides == {("n",): None, ("m",): None}


def test_what_only_outputs_names_comes_from_the_registry():
    text = '{ inputs.a.url = "github:o/a"; outputs = { self, a, n }: { }; }'
    assert declared(text)["n"] == Declared(written=False)
    assert "self" not in declared(text)


def test_an_input_can_follow_as_a_whole():
    assert declared('{ inputs.a.follows = "b/c"; }')["a"].follows == ("b", "c")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (
            '{\n  inputs = {\n    n.url = "github:o/n";\n    a.url = "github:o/a"; # ours\n  };\n}\n',
            '{\n  inputs = {\n    n.url = "github:o/n";\n    a.url = "github:o/a"; # ours\n    a.inputs.n.follows = "n";\n  };\n}\n',
        ),
        (
            '{\r\n\tinputs = {\r\n\t\tn.url = "github:o/n";\r\n\t\ta = {\r\n\t\t\turl = "github:o/a";\r\n\t\t};\r\n\t};\r\n}\r\n',
            '{\r\n\tinputs = {\r\n\t\tn.url = "github:o/n";\r\n\t\ta = {\r\n\t\t\turl = "github:o/a";\r\n\t\t\tinputs.n.follows = "n";\r\n\t\t};\r\n\t};\r\n}\r\n',
        ),
        (
            '{ inputs.n.url = "github:o/n"; inputs.a.url = "github:o/a"; }',
            '{ inputs.n.url = "github:o/n"; inputs.a.url = "github:o/a"; inputs.a.inputs.n.follows = "n"; }',
        ),
        (
            '{\n  inputs.n.url = "github:o/n";\n  inputs.a = {\n    url = "github:o/a";\n    inputs = {\n      s.follows = "";\n    };\n  };\n}\n',
            '{\n  inputs.n.url = "github:o/n";\n  inputs.a = {\n    url = "github:o/a";\n    inputs = {\n      s.follows = "";\n      n.follows = "n";\n    };\n  };\n}\n',
        ),
    ],
)
def test_follows_are_written_as_their_neighbours_are(before, after):
    assert followed(before) == after
    assert followed(after) == after
