"""What is wrong with the inputs of a flake, as far as its files and its lock tell; and what mends it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from difflib import get_close_matches
from pathlib import Path

from msgspec import Struct
from tree_sitter import Query, QueryCursor

from nixedit.attrpath import is_identifier, join, quote
from nixedit.containers import Formals
from nixedit.diagnostics import Diagnostic
from nixedit.document import Document
from nixedit.errors import NixEditError
from nixedit.flake.follow_edit import declared_in, path_of
from nixedit.flake.follow_plan import Declared, stale_follows
from nixedit.flake.input_use import unused
from nixedit.flake.inputs import Input, Inputs
from nixedit.flake.inputs.model import override_path
from nixedit.flake.inputs.places import entry_at
from nixedit.flake.lock import InputPath, Lock
from nixedit.flake.outputs import Outputs
from nixedit.grammar import LANGUAGE
from nixedit.operations import ops
from nixedit.syntax.snapshot import span_of
from nixedit.text import Span, decode

KINDS = {
    "syntax": "the file is no Nix, or Nix rejects it before it evaluates anything",
    "duplicate": "something is defined twice",
    "missing-formal": "`outputs` takes no argument of an input's name, so that Nix refuses to call it",
    "follows-nowhere": "something follows an input that is not there, or itself",
    "stale-follows": "an input follows something and is no input any more",
    "unquoted-url": "a url is written without quotes, which Nix has deprecated",
    "unused-input": "no file of the flake uses an input",
}

_URLS = Query(LANGUAGE, "(uri_expression) @url")


class Finding(Struct, frozen=True):
    """One thing that is wrong.

    Attributes:
        diagnostic: what, and where; its kind is one of `KINDS`.
        fix: mends it as part of an edit of the document; None where a person must decide.
    """

    diagnostic: Diagnostic
    fix: Callable[[], object] | None = None


def check_inputs(document: Document, lock: Lock | None = None, folder: Path | None = None) -> list[Finding]:
    """Everything that is wrong with the inputs, in the order of the text.

    Args:
        document: the flake's flake.nix.
        lock: its flake.lock; None where there is none, or it says nothing.
        folder: the flake's folder, whose files may use inputs; None where only flake.nix is known.

    Raises:
        NotStaticError: `inputs` is computed.
    """
    rejected = [found for found in document.errors if found.kind != "number-range"]
    broken = [found for found in rejected if not found.kind.startswith("duplicate")]
    if broken:
        return [Finding(_renamed(found, "syntax")) for found in broken]
    check = _Check(document, lock, folder)
    findings = [Finding(_renamed(found, "duplicate")) for found in rejected]
    for part in (check.formals, check.follows, check.stale, check.urls, check.unused):
        findings += part()
    return sorted(findings, key=lambda finding: (finding.diagnostic.span, finding.diagnostic.kind))


def _renamed(found: Diagnostic, kind: str) -> Diagnostic:
    return Diagnostic(kind, found.message, found.hint, found.span, found.line, found.column)


class _Check:
    def __init__(self, document: Document, lock: Lock | None, folder: Path | None) -> None:
        self._document = document
        self._lock = lock
        self._folder = folder
        self._inputs = Inputs(document)
        self._read: dict[str, Input] = {name: self._inputs[name] for name in self._inputs}
        self._declared: dict[str, Declared] = declared_in(document)

    def _found(
        self, kind: str, message: str, span: Span, hint: str, fix: Callable[[], object] | None = None
    ) -> Finding:
        return Finding(
            Diagnostic(kind, message, hint, span, *self._document.source.position(span.start)), fix
        )

    def formals(self) -> Iterator[Finding]:
        """Closed formals of `outputs` that an input, or `self`, is missing from."""
        formals = self._closed_formals()
        if formals is None:
            return
        for name in ("self", *self._read):
            if name in formals.names:
                continue
            message = f"`outputs` takes no `{name}`, which Nix calls it with"
            if is_identifier(name):
                yield self._found(
                    "missing-formal", message, formals.span, "add it, or `...`", _adding(formals, name)
                )
            else:
                hint = "no argument can be called so: write `...`"
                yield self._found("missing-formal", message, formals.span, hint)

    def _closed_formals(self) -> Formals | None:
        try:
            formals = Outputs(self._document).formals
        except NixEditError:
            return None
        return None if formals is None or formals.ellipsis else formals

    def follows(self) -> Iterator[Finding]:
        """Follows whose target is no input, or that lead back to themselves."""
        for path, target in self._all_follows():
            span = self._follows_span(path)
            first = path_of(target)[0]
            if first not in self._declared:
                close = get_close_matches(first, self._declared, n=1)
                hint = f"did you mean `{close[0]}`?" if close else "the flake has no such input"
                yield self._nowhere(path, target, span, hint)
            elif len(path) == 1 and self._is_circle(path[0]):
                message = f"`{quote(path[0])}` follows itself"
                yield self._found("follows-nowhere", message, span, "give one of them a url")
            elif self._lacks(path_of(target)):
                yield self._nowhere(path, target, span, "by flake.lock there is no such input")

    def _nowhere(self, path: InputPath, target: str, span: Span, hint: str) -> Finding:
        return self._found(
            "follows-nowhere", f"`{join(path)}` follows `{target}`, which is no input", span, hint
        )

    def _all_follows(self) -> Iterator[tuple[InputPath, str]]:
        for name, found in self._read.items():
            if found.follows:
                yield (name,), found.follows
            for path, target in found.overrides.items():
                if target:
                    yield (name, *path), target

    def _follows_span(self, path: InputPath) -> Span:
        entry = entry_at(self._document, ("inputs", *override_path(path)))
        return self._inputs.span(path[0]) if entry is None else span_of(entry.attr or entry.binding)

    def _is_circle(self, name: str) -> bool:
        """Whether an input follows an input that follows … it, all of them the flake's own."""
        at: str | None = name
        for _ in self._declared:
            own = self._declared.get(at or "")
            at = None if own is None or own.follows is None or len(own.follows) != 1 else own.follows[0]
            if at == name:
                return True
        return False

    def _lacks(self, target: InputPath) -> bool:
        """Whether the lock knows the first of a path of inputs, as flake.nix has it, and not the rest."""
        own, node = self._declared[target[0]], None if self._lock is None else self._lock.resolve(target[:1])
        if self._lock is None or node is None or own.follows is not None or len(target) < 2:
            return False
        return own.is_locked_as(node) is not False and self._lock.resolve(target) is None

    def stale(self) -> Iterator[Finding]:
        """Follows that name what is no input any more, by the lock."""
        for follow in () if self._lock is None else stale_follows(self._declared, self._lock):
            message = (
                f"`{join(follow.path)}` follows `{'/'.join(follow.target)}` and is no input: {follow.reason}"
            )
            hint = "take it out"
            yield self._found(
                "stale-follows",
                message,
                self._follows_span(follow.path),
                hint,
                _removing(self._inputs, follow.path),
            )

    def urls(self) -> Iterator[Finding]:
        """URLs without quotes (RFC 45)."""
        attrs = self._inputs.attrs
        for piece in () if attrs is None else attrs.pieces:
            for node in QueryCursor(_URLS).captures(piece.node).get("url", ()):
                text = decode(self._document.snapshot.text(node))
                operation = ops.Replace(node, text)
                yield self._found(
                    "unquoted-url", f"{text} has no quotes", span_of(node), "write it as a string",
                    _recording(self._document, operation),
                )  # fmt: skip

    def unused(self) -> Iterator[Finding]:
        """Inputs that nothing uses."""
        for name in unused(self._document, self._read, self._folder):
            message = f"no file of the flake uses the input `{quote(name)}`"
            hint = f"`nixedit input remove {quote(name)}` takes it out"
            yield self._found("unused-input", message, self._read[name].pieces[0], hint)


def _adding(formals: Formals, name: str) -> Callable[[], object]:
    return lambda: formals.add(name)


def _removing(inputs: Inputs, path: InputPath) -> Callable[[], object]:
    return lambda: inputs.unfollow(path)


def _recording(document: Document, operation: ops.Operation) -> Callable[[], object]:
    return lambda: document.record(operation)
