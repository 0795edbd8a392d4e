"""The `outputs` function of a flake: its head, its body, and what the body's attributes are."""

from __future__ import annotations

from tree_sitter import Node

from nixedit.containers import AttrSet, Formals
from nixedit.document import Document
from nixedit.errors import MissingAttrError, NotStaticError
from nixedit.grammar import F, K
from nixedit.handles import Node as Handle
from nixedit.syntax.layers import Layers, core, layers_of, lookup
from nixedit.syntax.nodes import field
from nixedit.syntax.snapshot import span_of
from nixedit.text import decode


class Outputs:
    """The `outputs` of a flake.

    Attributes:
        document: the flake's flake.nix.

    Args:
        document: the flake's flake.nix.

    Raises:
        MissingAttrError: the flake has no outputs.
        NotStaticError: they are no function that is written in the file.
    """

    def __init__(self, document: Document) -> None:
        self.document = document
        found = lookup(document.snapshot, document.attrs.layers, ("outputs",))
        if found is None:
            raise MissingAttrError("the flake has no `outputs`", path=document.path)
        value = found.entry.value if found.entry is not None else None
        function = None if value is None else core(value)
        if function is None or function.kind_id != K.FUNCTION:
            node = value or document.root.node
            raise NotStaticError(
                "`outputs` is no function that is written here",
                path=document.path,
                source=document.source,
                span=span_of(node),
                hint="edit the file that it comes from",
            )
        self._function = Handle(document, function)

    @property
    def function(self) -> Node:
        """The `function_expression` in the current tree."""
        return self._function.node

    @property
    def formals(self) -> Formals | None:
        """Its formals; None where it is `inputs: …`."""
        node = self.function.child_by_field_id(F.FORMALS)
        return None if node is None else Formals(self.document, node)

    @property
    def universal(self) -> str | None:
        """The name that the whole argument has, or None."""
        node = self.function.child_by_field_id(F.UNIVERSAL)
        return None if node is None else decode(self.document.snapshot.text(node))

    @property
    def body(self) -> Node:
        """The expression that the function returns, in the current tree."""
        return field(self.function, F.BODY)

    @property
    def layers(self) -> Layers:
        """The written sets that the outputs are; () where they are computed."""
        return layers_of(self.body)

    @property
    def attrs(self) -> AttrSet:
        """The outputs as a set.

        Raises:
            NotStaticError: they are computed.
        """
        if not self.layers:
            inner = core(self.body)
            raise NotStaticError(
                "the outputs are computed here",
                path=self.document.path,
                source=self.document.source,
                span=span_of(inner),
            )
        return AttrSet(self.document, Handle(self.document, self.body))
