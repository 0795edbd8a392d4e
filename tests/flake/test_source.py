"""Flake references as URLs and attributes, and what is the same."""

import pytest

from nixedit.flake.source import attributes_of, identity, is_same, url_of

REV = "0123456789abcdef0123456789abcdef01234567"
PAIRS = [
    ("github:NixOS/nixpkgs", {"type": "github", "owner": "NixOS", "repo": "nixpkgs"}),
    (
        "github:NixOS/nixpkgs/nixos-24.11",
        {"type": "github", "owner": "NixOS", "repo": "nixpkgs", "ref": "nixos-24.11"},
    ),
    (f"github:a/b/{REV}", {"type": "github", "owner": "a", "repo": "b", "rev": REV}),
    ("github:a/b?dir=nix", {"type": "github", "owner": "a", "repo": "b", "dir": "nix"}),
    ("github:a/b/feature/x", {"type": "github", "owner": "a", "repo": "b", "ref": "feature/x"}),
    ("gitlab:group%2Fsub/repo", {"type": "gitlab", "owner": "group/sub", "repo": "repo"}),
    (
        "gitlab:a/b?host=gitlab.example.org",
        {"type": "gitlab", "owner": "a", "repo": "b", "host": "gitlab.example.org"},
    ),
    ("sourcehut:~a/b", {"type": "sourcehut", "owner": "~a", "repo": "b"}),
    ("nixpkgs", {"type": "indirect", "id": "nixpkgs"}),
    ("nixpkgs/nixos-24.11", {"type": "indirect", "id": "nixpkgs", "ref": "nixos-24.11"}),
    ("path:./sub", {"type": "path", "path": "./sub"}),
    ("path:/abs/flake", {"type": "path", "path": "/abs/flake"}),
    ("git+https://x.org/a.git?ref=main", {"type": "git", "url": "https://x.org/a.git", "ref": "main"}),
    ("git+ssh://git@x.org/a?submodules=1", {"type": "git", "url": "ssh://git@x.org/a", "submodules": True}),
    ("git+file:///home/a", {"type": "git", "url": "file:///home/a"}),
    ("https://x.org/a.tar.gz", {"type": "tarball", "url": "https://x.org/a.tar.gz"}),
    ("https://flakehub.com/f/a/b/1", {"type": "tarball", "url": "https://flakehub.com/f/a/b/1"}),
]


@pytest.mark.parametrize(("url", "attributes"), PAIRS)
def test_a_url_and_its_attributes_are_one(url, attributes):
    assert attributes_of(url) == attributes
    assert url_of(attributes) == url
    assert is_same(url, attributes) is True


def test_an_address_of_no_flake_is_one_file_unless_it_ends_like_an_archive():
    assert attributes_of("https://x.org/a", flake=False) == {"type": "file", "url": "https://x.org/a"}
    assert attributes_of("https://x.org/a.zip", flake=False) == {
        "type": "tarball",
        "url": "https://x.org/a.zip",
    }
    assert url_of({"type": "file", "url": "https://x.org/a"}) == "https://x.org/a"
    assert url_of({"type": "file", "url": "https://x.org/a.zip"}) == "file+https://x.org/a.zip"


def test_an_address_keeps_what_the_server_is_asked():
    assert attributes_of("https://x.org/a.zip?v=1&dir=d") == {
        "type": "tarball",
        "url": "https://x.org/a.zip?v=1",
        "dir": "d",
    }


def test_another_spelling_of_an_indirect_reference_is_the_same():
    assert is_same("flake:nixpkgs", {"type": "indirect", "id": "nixpkgs"}) is True


@pytest.mark.parametrize("url", ["", "github:only", "svn://x.org/a", "a/b/c/d"])
def test_what_is_no_reference_is_not_known(url):
    assert attributes_of(url) is None
    assert is_same(url, {}) is None


def test_what_a_fetch_found_out_is_no_part_of_the_reference():
    locked = {
        "type": "github",
        "owner": "a",
        "repo": "b",
        "rev": REV,
        "narHash": "sha256-x",
        "lastModified": 1,
    }
    assert url_of(locked) == f"github:a/b/{REV}"


@pytest.mark.parametrize(
    ("one", "two", "same"),
    [
        ("github:NixOS/nixpkgs", "github:nixos/nixpkgs/nixos-24.11", True),
        ("github:a/b", "git+https://github.com/A/b.git", True),
        ("github:a/b", "git+ssh://git@github.com/a/b", True),
        ("github:a/b", "https://github.com/a/b/archive/main.tar.gz", True),
        ("github:NixOS/nixpkgs", "https://channels.nixos.org/nixos-unstable/nixexprs.tar.xz", True),
        ("github:NixOS/nixpkgs", "https://flakehub.com/f/NixOS/nixpkgs/0.1", True),
        ("github:NixOS/nixpkgs", "github:nix-community/nixpkgs.lib", False),
        ("gitlab:a/b", "gitlab:a/b?host=gitlab.example.org", False),
        ("github:a/b", "gitlab:a/b", False),
        ("git+https://x.org/a", "git+https://x.org/b", False),
    ],
)
def test_the_identity_is_the_repository(one, two, same):
    assert (identity(attributes_of(one)) == identity(attributes_of(two))) is same
