"""The corpus: one construct a case, the whole tree with its fields."""

import pytest

from .corpus import CORPUS, Case, read_corpus, read_file, write_file
from .trees import parse, sexp


def case_id(case: Case) -> str:
    """Return a test id that says where the case stands."""
    return f"{case.file.stem}: {case.name}"


@pytest.fixture(scope="module", autouse=True)
def update(request: pytest.FixtureRequest) -> None:
    """Rewrite the corpus if asked; the tests then read what was written."""
    if not request.config.getoption("--update-corpus", default=False):
        return
    for path in CORPUS.glob("*.txt"):
        cases = [
            case if case.error else case._replace(tree=sexp(parse(case.source))) for case in read_file(path)
        ]
        write_file(path, cases)


@pytest.mark.parametrize("case", list(read_corpus()), ids=case_id)
def test_tree(case: Case) -> None:
    [current] = [each for each in read_file(case.file) if each.name == case.name]
    tree = parse(current.source)
    assert tree.root_node.has_error == current.error
    if not current.error:
        assert sexp(tree) == current.tree


def test_every_file_is_read_to_its_end() -> None:
    for path in CORPUS.glob("*.txt"):
        cases = read_file(path)
        assert len(cases) == path.read_text().count("\n---\n")
        assert len({case.name for case in cases}) == len(cases)
