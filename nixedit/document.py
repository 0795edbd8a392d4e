"""`Document`: one file's bytes, edited by commits that are checked; the only mutable state."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from os import PathLike, fspath
from typing import TYPE_CHECKING, Any

from nixedit.check import check_commit
from nixedit.containers import AttrSet, Formals, wrap
from nixedit.definitions import check_definitions
from nixedit.edits import Edit, EditSet
from nixedit.errors import EditError, NixEditError, NotStaticError, ParseError
from nixedit.grammar import F, K
from nixedit.handles import Node, placed
from nixedit.operations import ops
from nixedit.operations.planner import Plan, plan
from nixedit.syntax.layers import core, layers_of
from nixedit.syntax.nodes import parts
from nixedit.syntax.snapshot import Snapshot, span_of
from nixedit.syntax.words import words_of
from nixedit.text import Source, Span, decode, encode

if TYPE_CHECKING:
    from nixedit.diagnostics import Diagnostic

# From so many operations in one commit on, Python's cycle collector costs more than it finds.
_MANY = 1_000


class EditBlock:
    """The edits of one `Document.edit()` block; they are made together when the block ends."""

    def __init__(self, record: Callable[[ops.Operation], None]) -> None:
        self._record = record

    def replace(self, node: Node, value: Any) -> None:
        """Put another expression in a node's place: `expr(…)` or a Python value."""
        self._record(ops.Replace(node.node, value))


class Document:
    """A Nix file. What no edit touches is copied byte for byte.

    Args:
        data: the file's bytes, or its text.
        path: where it came from and is saved to; None for a text without a file.
    """

    def __init__(self, data: bytes | str, path: str | PathLike[str] | None = None) -> None:
        content = encode(data) if isinstance(data, str) else data
        self.path = path
        self.loaded = content
        self._snapshot = Snapshot.of(Source(content))
        self._log: list[EditSet] = []
        self._inverses: list[EditSet] = []
        self._block: list[ops.Operation] | None = None

    # -- reading ------------------------------------------------------------------------------

    @property
    def snapshot(self) -> Snapshot:
        """The current text and tree."""
        return self._snapshot

    @property
    def revision(self) -> int:
        """How many commits and undos there were."""
        return len(self._log)

    @property
    def source(self) -> Source:
        """The current bytes."""
        return self._snapshot.source

    @property
    def data(self) -> bytes:
        """The current bytes."""
        return self._snapshot.source.data

    @property
    def text(self) -> str:
        """The current text; bytes that are not UTF-8 come as surrogates."""
        return decode(self.data)

    @property
    def changed(self) -> bool:
        """Whether the text differs from what was loaded or last saved."""
        return self.data != self.loaded

    @property
    def errors(self) -> tuple[Diagnostic, ...]:
        """Everything that Nix would reject before evaluation, in order of place."""
        from nixedit.diagnostics import diagnose

        return diagnose(self._snapshot)

    @property
    def root(self) -> Node:
        """The whole file's expression.

        Raises:
            ParseError: there is none.
        """
        inner = parts(self._snapshot.root)
        if not inner or self._snapshot.has_error:
            raise self._parse_error()
        return Node(self, inner[0])

    @property
    def value(self) -> Any:
        """The file's expression as `AttrSet`, `ListExpr` or `Node`."""
        return wrap(self, self.root.node)

    @property
    def attrs(self) -> AttrSet:
        """The file's set, seen through functions, let, with, assert and parentheses.

        Raises:
            ParseError: the file has a syntax error.
            NotStaticError: its value is no written set.
        """
        root = self.root
        if not layers_of(root.node, functions=True):
            inner = core(root.node, functions=True)
            raise NotStaticError(
                f"the file's value is no written set but {words_of(inner)}",
                path=self.path,
                source=self.source,
                span=span_of(inner),
            )
        return AttrSet(self, root, functions=True)

    @property
    def formals(self) -> Formals | None:
        """The formals of the file's function, or None."""
        node = self.root.node
        if node.kind_id != K.FUNCTION:
            return None
        heads = node.child_by_field_id(F.FORMALS)
        return None if heads is None else Formals(self, heads)

    def moved(self, span: Span, revision: int) -> Span | None:
        """Where a span of an earlier revision stands now; None when it was edited away."""
        for edits in self._log[revision:]:
            moved = edits.position_map().span(span)
            if moved is None or (moved.start == moved.end and span.start < span.end):
                return None
            span = moved
        return span

    # -- editing ------------------------------------------------------------------------------

    @contextmanager
    def edit(self) -> Iterator[EditBlock]:
        """One commit for all edits of a block.

        Reads within the block see the state at its start. Nothing changes if the block, or one of its
        edits, raises.

        Raises:
            EditError: the block stands within another one of this document.
        """
        if self._block is not None:
            raise EditError("an edit() block of this document is open already", path=self.path)
        self._block = []
        try:
            yield EditBlock(self.record)
            operations = self._block
        finally:
            self._block = None
        self._perform(operations)

    @contextmanager
    def together(self) -> Iterator[None]:
        """One commit for what a block records: its own, or that of the `edit()` block around it.

        What the block recorded is dropped if it raises.
        """
        if self._block is None:
            with self.edit():
                yield
            return
        before = len(self._block)
        try:
            yield
        except BaseException:
            del self._block[before:]
            raise

    def record(self, operation: ops.Operation) -> None:
        """Take an operation: into the open `edit()` block, or as a commit of its own."""
        if self._block is not None:
            self._block.append(operation)
        else:
            self._perform([operation])

    def splice(self, edits: EditSet | list[Edit]) -> None:
        """Commit prepared edits, checked like all others.

        Raises:
            InvalidEditError: the text would differ in more than the edits announce.
        """
        placed(self, lambda: self._commit(Plan(edits if isinstance(edits, EditSet) else EditSet(edits))))

    def _perform(self, operations: list[ops.Operation]) -> None:
        if operations:
            self._require_editable()
            with _uncollected(len(operations)):
                placed(self, lambda: self._commit(plan(self._snapshot, operations)))

    def _commit(self, wanted: Plan) -> None:
        edits = wanted.edits
        if not edits:
            return
        self._require_editable()
        old = self._snapshot
        new = old.edited(edits)
        check_commit(old, new, edits, wanted.wraps, wanted.unwraps)
        check_definitions(new, edits, wanted.touched)
        self._swap(new, edits)

    def _swap(self, new: Snapshot, edits: EditSet) -> None:
        self._inverses.append(edits.invert(self.data))
        self._log.append(edits)
        new.settle()
        self._snapshot = new

    def undo(self) -> bool:
        """Take the last commit back, byte for byte; whether there was one."""
        if self._block is not None:
            raise EditError("undo() within an edit() block", path=self.path)
        if not self._inverses:
            return False
        edits = self._inverses.pop()
        new = self._snapshot.edited(edits)
        new.settle()
        self._log.append(edits)
        self._snapshot = new
        return True

    def _require_editable(self) -> None:
        if self._snapshot.has_error or b"\0" in self.data:
            raise self._parse_error()

    def _parse_error(self) -> NixEditError:
        for found in self.errors:
            if found.kind in ("syntax", "nul", "empty"):
                return ParseError(
                    found.message, path=self.path, source=self.source, span=found.span, hint=found.hint
                )
        return ParseError("the file has a syntax error", path=self.path, source=self.source)

    # -- files --------------------------------------------------------------------------------

    def diff(self) -> str:
        """The changes since the load as a patch that `git apply` takes; empty when there are none."""
        from nixedit.patch import unified_diff

        name = "file.nix" if self.path is None else fspath(self.path)
        return unified_diff(name, self.loaded, self.data)

    def save(self) -> bool:
        """Write the file if it changed: in one step, with its mode kept; whether it was written.

        Raises:
            ConflictError: the file changed on disk since it was loaded.
            OSError: it cannot be written; it is as it was.
            EditError: the document has no path.
        """
        from nixedit.files import Change, write_all

        if self.path is None:
            raise EditError("a text without a file cannot be saved: give a path to loads()")
        if not self.changed:
            return False
        write_all([Change(fspath(self.path), self.loaded, self.data)])
        self.loaded = self.data
        return True

    def __repr__(self) -> str:
        return f"<Document {self.path or 'of a text'}, {len(self.data)} bytes>"


@contextmanager
def _uncollected(operations: int) -> Iterator[None]:
    """Many operations make many short-lived objects, which the cycle collector would walk again and again."""
    pauses = operations > _MANY and gc.isenabled()
    if pauses:
        gc.disable()
    try:
        yield
    finally:
        if pauses:
            gc.enable()


def load(path: str | PathLike[str]) -> Document:
    """Read a Nix file.

    Raises:
        OSError: it cannot be read.
    """
    with open(path, "rb") as file:
        return Document(file.read(), path)


def loads(text: str | bytes, path: str | PathLike[str] | None = None) -> Document:
    """Read Nix code from a text; never fails on content.

    >>> doc = loads("{ a = 1; }")
    >>> doc.attrs["b"] = "x"
    >>> doc.text
    '{ a = 1; b = "x"; }'
    """
    return Document(text, path)
