"""Flake references as text: read, and changed piece by piece."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nixedit.errors import NotStaticError
from nixedit.flake.reference import Reference, is_rev

REV = "0123456789abcdef0123456789abcdef01234567"
OLD = "f" * 40

# A url; its kind, branch, commit and name; it at a commit; that without the commit.
TABLE = [
    ("github:o/r", "github", None, None, "r", f"github:o/r/{REV}", "github:o/r"),
    ("github:o/r/main", "github", "main", None, "r", f"github:o/r/{REV}", "github:o/r"),
    ("github:o/r/feat/x?dir=d", "github", "feat/x", None, "r", f"github:o/r/{REV}?dir=d", "github:o/r?dir=d"),
    (f"github:o/r/{OLD}", "github", None, OLD, "r", f"github:o/r/{REV}", "github:o/r"),
    (f"github:o/r?rev={OLD}&dir=d", "github", None, OLD, "r", f"github:o/r/{REV}?dir=d", "github:o/r?dir=d"),
    ("github:o/r?ref=main", "github", "main", None, "r", f"github:o/r/{REV}", "github:o/r"),
    ("gitlab:g%2Fs/r?host=h.org", "gitlab", None, None, "r", f"gitlab:g%2Fs/r/{REV}?host=h.org", "gitlab:g%2Fs/r?host=h.org"),
    ("sourcehut:~u/llama.cpp", "sourcehut", None, None, "llama-cpp", f"sourcehut:~u/llama.cpp/{REV}", "sourcehut:~u/llama.cpp"),
    ("git+https://h/o/r.git", "git", None, None, "r", f"git+https://h/o/r.git?rev={REV}", "git+https://h/o/r.git"),
    ("git+ssh://git@h/o/r?ref=main", "git", "main", None, "r", f"git+ssh://git@h/o/r?ref=main&rev={REV}", "git+ssh://git@h/o/r?ref=main"),
    (f"git+file:///r?rev={OLD}&shallow=1", "git", None, OLD, "r", f"git+file:///r?rev={REV}&shallow=1", "git+file:///r?shallow=1"),
    ("hg+https://h/r", "hg", None, None, "r", f"hg+https://h/r?rev={REV}", "hg+https://h/r"),
    ("nixpkgs", "indirect", None, None, "nixpkgs", f"nixpkgs/{REV}", "nixpkgs"),
    ("nixpkgs/nixos-25.05", "indirect", "nixos-25.05", None, "nixpkgs", f"nixpkgs/nixos-25.05/{REV}", "nixpkgs/nixos-25.05"),
    (f"flake:nixpkgs/{OLD}", "indirect", None, OLD, "nixpkgs", f"flake:nixpkgs/{REV}", "flake:nixpkgs"),
]  # fmt: skip


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row[0])
def test_what_a_url_says_and_how_it_names_a_commit(row):
    url, kind, ref, rev, name, pinned, unpinned = row
    reference = Reference.of(url)
    assert (reference.kind, reference.ref, reference.rev, reference.name) == (kind, ref, rev, name)
    assert str(reference.with_rev(REV)) == pinned
    assert str(reference.with_rev(REV).without_rev()) == unpinned
    assert Reference.of(pinned).rev == REV
    assert str(Reference.of(pinned).with_rev(REV)) == pinned


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row[0])
def test_another_branch_takes_the_place_of_branch_and_commit(row):
    changed = Reference.of(row[0]).with_ref("b")
    assert (changed.ref, changed.rev, changed.name) == ("b", None, row[4])
    assert (changed.without_ref().ref, changed.kind) == (None, row[1])


@pytest.mark.parametrize("url", ["path:../x", "./x", "https://h/x.tar.gz", "file+https://h/x", "/abs"])
def test_other_kinds_name_no_commit(url):
    reference = Reference.of(url)
    assert (reference.pinnable, reference.name) == (False, None)
    with pytest.raises(NotStaticError, match="names no commit"):
        reference.with_rev(REV)


def test_a_commit_is_forty_hexadecimal_digits():
    assert is_rev(REV)
    assert not is_rev(REV[1:])
    assert not is_rev("main")


@given(st.text(alphabet="abgithu:/?&=#%+.~-", max_size=40))
def test_every_text_comes_back_as_it_was(text):
    assert str(Reference.of(text)) in (text, text.removesuffix("?"), text.replace("?#", "#", 1))


def test_parameters():
    reference = Reference.of("git+x:y?a=1&b=2#f")
    assert str(reference.with_parameter("a", "3")) == "git+x:y?a=3&b=2#f"
    assert str(reference.with_parameter("c", "3")) == "git+x:y?a=1&b=2&c=3#f"
    assert str(reference.with_parameter("a", None)) == "git+x:y?b=2#f"
    assert (reference.parameter("b"), reference.parameter("c")) == ("2", None)
