"""`Inputs`: the inputs of a flake as a mapping, and every edit of them by hand.

What an edit needs is imported when it is made: most runs only read inputs, or add one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, NoReturn, cast

from tree_sitter import Node

from nixedit.attrpath import parse
from nixedit.containers import AttrSet
from nixedit.document import Document
from nixedit.errors import AttrExistsError, MissingAttrError, NotStaticError, did_you_mean
from nixedit.flake.inputs import adding
from nixedit.flake.inputs.model import Input, override_path, read_input, string
from nixedit.flake.inputs.places import computed, entry_at
from nixedit.grammar import SETS
from nixedit.operations import ops
from nixedit.syntax.layers import Names, lookup
from nixedit.syntax.nodes import unwrapped
from nixedit.text import Span

if TYPE_CHECKING:
    from nixedit.flake.lock import InputPath


class Inputs(Mapping[str, Input]):
    """The `inputs` of a flake. Names are plain, quoted only where they are written.

    Every edit is recorded as operations: within `document.edit()` any number of them are one commit, and
    what is read meanwhile is the state at its start.

    Args:
        document: the flake's flake.nix.
    """

    def __init__(self, document: Document) -> None:
        self._document = document

    # -- reading ------------------------------------------------------------------------------

    @property
    def attrs(self) -> AttrSet | None:
        """The set of inputs, however it is spelled; None where the flake has none.

        Raises:
            NotStaticError: it is computed.
        """
        root = self._document.attrs
        if "inputs" not in root:
            return None
        entry = entry_at(self._document, ("inputs",))
        if entry is not None:
            value = entry.value
            if value is None or unwrapped(value).kind_id not in SETS:
                raise self._computed(value or entry.binding)
        return cast(AttrSet, root["inputs"])

    def _computed(self, node: Node) -> NotStaticError:
        error = computed(self._document, node, "`inputs`")
        error.message += ", and Nix wants it written out"
        return error

    def __iter__(self) -> Iterator[str]:
        attrs = self.attrs
        if attrs is None:
            return
        for key in attrs:
            yield parse(key)[0]

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def __contains__(self, name: object) -> bool:
        attrs = self.attrs
        return attrs is not None and isinstance(name, str) and (name,) in attrs

    def __getitem__(self, name: str) -> Input:
        """One input.

        Raises:
            KeyError: there is none of that name.
            NotStaticError: `inputs` is computed.
        """
        attrs = self.attrs
        if attrs is None or (name,) not in attrs:
            self._missing(name)
        return read_input(self._document.snapshot, attrs, name)

    def span(self, name: str) -> Span:
        """Where the first piece of an input stands (0-based bytes).

        Raises:
            KeyError: there is none of that name.
        """
        return self[name].pieces[0]

    def require(self, names: Iterable[str]) -> None:
        """Hold that there are inputs of some names.

        Raises:
            MissingAttrError: there is none of one of them; the hint names a near one.
        """
        known = set(self)
        for name in names:
            if name not in known:
                self._missing(name)

    def require_target(self, target: str) -> None:
        """Hold that what is to be followed begins with an input of this flake, or is empty.

        Raises:
            MissingAttrError: it does not; the hint names a near one.
        """
        if target:
            self.require([target.partition("/")[0]])

    def _missing(self, name: str) -> NoReturn:
        known = sorted(self)
        hint = did_you_mean(name, known) if known else "it has none"
        raise MissingAttrError(f"no input `{name}`", path=self._document.path, hint=hint)

    # -- editing ------------------------------------------------------------------------------

    def add(
        self,
        name: str,
        url: str,
        follows: Mapping[str, str] | Mapping[InputPath, str] | None = None,
        *,
        flake: bool = True,
    ) -> None:
        """Declare an input behind the last one, in the spelling that most of them have.

        The formals of `outputs` are not touched: `nixedit.flake.Flake.add_input` looks after them too.

        Args:
            name: its attribute name.
            url: its flake reference.
            follows: which of its inputs follow which of this flake's.
            flake: False for a source that is no flake.

        Raises:
            AttrExistsError: there is one of that name.
            NotStaticError: `inputs` is computed.
        """
        attrs = self.attrs
        if attrs is not None and (name,) in attrs:
            raise AttrExistsError(f"there is an input `{name}` already", path=self._document.path)
        with self._document.together():
            adding.declare(self._document, attrs, name, adding.settings_of(url, follows or {}, flake))

    def remove(self, name: str) -> tuple[str, ...]:
        """Remove an input: all its pieces with their comments, and what follows it.

        The follows that lead to it go from other inputs; an input that only follows it goes as a whole.
        Sets that are left empty by that go too, unless they hold a comment. The formals of `outputs` are
        not touched: `nixedit.flake.Flake.remove_input` looks after them too.

        Returns:
            the names that are gone, the input's own first.

        Raises:
            KeyError: there is none of that name.
        """
        from nixedit.flake.inputs.removing import removed_with

        own = self[name]
        gone, paths = removed_with(self, name)
        document, layers = self._document, self._document.attrs.layers
        with document.together():
            for one in gone:
                self._forget_pin(own if one == name else self[one])
                document.record(ops.DeleteAttr(layers, ("inputs", one), 0, self._kept(("inputs", one))))
            for path in paths:
                self.unfollow(path)
        return tuple(gone)

    def _forget_pin(self, found: Input) -> None:
        """Take away what says that it was pinned, where that is no comment of its own binding."""
        from nixedit.flake.inputs import pins

        if found.url is None:
            return
        entry = entry_at(self._document, ("inputs", found.name, "url"))
        if entry is not None and not self._document.source.begins_line(entry.binding.start_byte):
            pins.forget(self._document, entry, found.name)

    def change(self, name: str, url: str) -> bool:
        """Give an input another reference, in the spelling that the old one has.

        Returns:
            whether it is another one.

        Raises:
            KeyError: there is none of that name, or it has no reference.
            NotStaticError: its reference is computed.
            RefusedError: it is written as attributes, and the new one cannot be.
        """
        from nixedit.flake.inputs import changing

        found = self[name]
        with self._document.together():
            if "type" in found.attributes:
                return changing.change_attributes(self._document, found, url)
            self._require_reference(found)
            return changing.change_url(self._document, name, url)

    def follow(self, path: InputPath, target: str) -> bool:
        """Let an input of an input follow one of this flake's, in whatever spelling it is written.

        Args:
            path: the input and its input, `("home-manager", "nixpkgs")`; deeper ones have more names, and
                a path of one name is an input that follows as a whole.
            target: what it follows, `nixpkgs` or `other/nixpkgs`; empty for no input at all.

        Returns:
            whether it did not already.

        Raises:
            KeyError: there is no input of the first name.
            NotStaticError: what it would be written in is computed.
        """
        attrs = self.attrs
        if attrs is None or (path[0],) not in attrs:
            self._missing(path[0])
        names = override_path(path)
        if string(attrs, *names) == target:
            return False
        attrs[names] = target
        return True

    def unfollow(self, path: InputPath) -> bool:
        """Remove what an input of an input follows; the input itself stays, if need be as `{ }`.

        Args:
            path: as for `follow`.

        Returns:
            whether it followed anything.

        Raises:
            KeyError: there is no input of the first name.
        """
        attrs = self.attrs
        if attrs is None or (path[0],) not in attrs:
            self._missing(path[0])
        names = ("inputs", *override_path(path))
        if entry_at(self._document, names) is None:
            return False
        self._document.record(ops.DeleteAttr(self._document.attrs.layers, names, 2, self._kept(names)))
        return True

    def _kept(self, names: Names) -> frozenset[int]:
        """Where the comments above an attribute's bindings start that stay when it goes."""
        from nixedit.flake.inputs.removing import not_its_own

        document = self._document
        found = lookup(document.snapshot, document.attrs.layers, names[:-1])
        return frozenset() if found is None else not_its_own(document.snapshot, found.layers, names[-1])

    def pin(self, name: str, rev: str) -> bool:
        """Hold an input at a commit; `unpin` undoes that exactly.

        Returns:
            whether it was not there already.

        Raises:
            KeyError: there is none of that name, or it has no reference.
            NotStaticError: its url is computed, or of a kind that names no commit.
        """
        from nixedit.flake.inputs import pins

        found = self[name]
        with self._document.together():
            if "type" in found.attributes:
                return pins.pin_attributes(self._document, name, rev)
            self._require_reference(found)
            return pins.pin_url(self._document, name, rev)

    def unpin(self, name: str, *, ref: bool = False) -> bool:
        """Let go an input that is held at a commit: it follows its branch again.

        Args:
            name: the input.
            ref: the branch or tag goes too, so that it follows the default branch.

        Returns:
            whether there was something to let go.

        Raises:
            KeyError: there is none of that name, or it has no reference.
            NotStaticError: its url is computed.
        """
        from nixedit.flake.inputs import pins

        found = self[name]
        with self._document.together():
            if "type" in found.attributes:
                return pins.unpin_attributes(self._document, name, ref=ref)
            self._require_reference(found)
            return pins.unpin_url(self._document, name, ref=ref)

    def toggle(self, name: str) -> str:
        """Swap the url of an input with its alternate, a comment beside it that is a binding but for its `#`.

        Returns:
            the url that counts now.

        Raises:
            KeyError: there is none of that name, or no alternate.
            RefusedError: there are several alternates, or the url shares its line with other code.
        """
        from nixedit.flake.inputs import alternates

        self._require_reference(self[name])
        return alternates.toggle_url(self._document, name)

    def _require_reference(self, found: Input) -> None:
        if found.follows is not None and found.url_span is None:
            raise NotStaticError(
                f"`{found.name}` has no url: it follows `{found.follows}`",
                path=self._document.path,
                source=self._document.source,
                span=found.pieces[0],
                hint="edit what it follows",
            )
