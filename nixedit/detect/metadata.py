"""A host's own file of metadata, `machines/meta/<host>.nix`: a plain set, read without Nix."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from msgspec import Struct

from nixedit.attrpath import parse, quote
from nixedit.detect.evidence import Evidence, made
from nixedit.detect.findings import nix
from nixedit.detect.rules import STRONG, Meaning, Rules
from nixedit.errors import NixEditError, did_you_mean
from nixedit.flake.systems import NixosSystem
from nixedit.resolve.fleet import Fleet
from nixedit.resolve.paths import path_of
from nixedit.resolve.values import ListValue, Literal, Origin, SetValue, Unknown, Value
from nixedit.syntax.snapshot import span_of

DEFAULT = "machines/meta/{host}.nix"
_HOST = "{host}"


class Metadata(Struct, frozen=True):
    """What a host's own file says.

    Attributes:
        path: the file, relative to the flake.
        variant: the variant that it asks for, or None.
        variant_evidence: where it does.
        processor: the microarchitecture that it names, or None.
        evidence: what it says of the host's hardware.
    """

    path: str
    variant: str | None
    variant_evidence: Evidence | None
    processor: str | None
    evidence: tuple[Evidence, ...]


def meta_fault(text: str) -> str | None:
    """What is wrong with where metadata are said to stand, as the end of a sentence; None if nothing.

    Args:
        text: a file of the flake, and after `#` a path of attributes in it, if it is not the whole file;
            `{host}` is the host's name.
    """
    if _HOST not in text:
        return f"it has no `{_HOST}` in it"
    return "it leads out of the flake" if path_of("flake.nix", text.partition("#")[0]) is None else None


def read_metadata(
    host: NixosSystem, rules: Rules, variants: Collection[str], meta: str = DEFAULT
) -> Metadata | None:
    """What a host's own file says of it; None where it has none.

    Args:
        host: the host.
        rules: what the words in it mean.
        variants: the variants that there are.
        meta: where it stands, as `meta_fault` has it.

    Raises:
        NixEditError: it is no static set, or says what nobody understands.
    """
    file, _, attributes = meta.partition("#")
    path = path_of("flake.nix", file.replace(_HOST, host.name))
    files = host.fleet.evaluator.files
    if path is None or files.kind(path) is None:
        return None
    reader = _Reader(host.fleet, path, rules, variants)
    found: Value | None = reader.set_of(host.fleet.evaluator.file(path), "it")
    for name in parse(attributes.replace(_HOST, quote(host.name))) if attributes else ():
        found = found.get(name) if isinstance(found, SetValue) else None
    return None if found is None else reader.metadata(reader.set_of(found, "the host's part of it"))


class _Reader:
    """Reads a file of metadata."""

    def __init__(self, fleet: Fleet, path: str, rules: Rules, variants: Collection[str]) -> None:
        self.fleet, self.path, self.rules, self.variants = fleet, path, rules, variants

    def metadata(self, found: SetValue) -> Metadata:
        variant = self._variant(found)
        processor, of_cpu = self._processor(found)
        shown = None if variant is None else f"{self.rules.recipe}.variant = {nix(variant.value)}"
        evidence = None
        if variant is not None and shown is not None:
            place = variant.origin or self._whole(found)
            evidence = next(made((Meaning("variant", holds=True),), place, shown, STRONG))
        return Metadata(
            path=self.path,
            variant=None if variant is None else variant.value,
            variant_evidence=evidence,
            processor=processor,
            evidence=(*self._gpu(found), *of_cpu),
        )

    def set_of(self, value: Value, what: str) -> SetValue:
        """A set whose names are all known.

        Raises:
            NixEditError: it is none.
        """
        if isinstance(value, SetValue) and value.complete:
            return value
        reason = value.reason if isinstance(value, Unknown) else "it is computed"
        if isinstance(value, SetValue):
            reason = "a part of it is computed"
        elif not isinstance(value, Unknown):
            reason = "it is something else"
        message = f"{what} is no set that can be read without Nix: {reason}"
        raise self._error(message, value, f'write a plain set: {{ {self.rules.recipe}.variant = "…"; }}')

    def _variant(self, found: SetValue) -> Literal | None:
        inner = found.get(self.rules.recipe)
        if inner is None:
            return None
        given = self.set_of(inner, f"`{self.rules.recipe}`")
        for name in given.attributes:
            if name != "variant":
                place = given.attributes[name].get()
                message = f"`{self.rules.recipe}` has no `{name}`"
                raise self._error(message, place, did_you_mean(name, ["variant"]))
        value = given.get("variant")
        return None if value is None else self._word(value, "variant", self.variants)

    def _gpu(self, found: SetValue) -> Iterator[Evidence]:
        value = found.get("gpu")
        listed = value.elements() if isinstance(value, ListValue) and value.known else [value]
        words = self.rules.meta["gpu"]
        for item in listed:
            if item is not None:
                word = self._word(item, "gpu", words)
                place = word.origin or self._whole(found)
                yield from made(words[word.value], place, f"gpu = {nix(word.value)}", STRONG)

    def _processor(self, found: SetValue) -> tuple[str | None, list[Evidence]]:
        value = found.get("cpu")
        if value is None:
            return None, []
        makers = self.rules.meta["cpu"]
        suffixes = {variant.partition("-")[2] for variant in self.variants} - {""}
        word = self._word(value, "cpu", [*makers, *self.rules.microarchitectures, *sorted(suffixes)])
        if word.value not in makers:
            return word.value, []
        place = word.origin or self._whole(found)
        return None, list(made(makers[word.value], place, f"cpu = {nix(word.value)}", STRONG))

    def _word(self, value: Value, name: str, known: Collection[str]) -> Literal:
        if not isinstance(value, Literal) or not isinstance(value.value, str):
            what = value.reason if isinstance(value, Unknown) else "it is no string"
            raise self._error(f"`{name}` is not known: {what}", value, f"write one of: {', '.join(known)}")
        if value.value not in known:
            raise self._error(f"there is no {name} `{value.value}`", value, did_you_mean(value.value, known))
        return value

    def _whole(self, found: SetValue) -> Origin:
        if found.origin is None:
            raise self._error("it is no set that is written here", found, None)
        return found.origin

    def _error(self, message: str, value: Value, hint: str | None) -> NixEditError:
        origin = value.origin
        if origin is None:
            return NixEditError(message, path=self.fleet.shown(self.path), hint=hint)
        path, source = self.fleet.shown(origin.file), origin.snapshot.source
        return NixEditError(message, path=path, source=source, span=span_of(origin.node), hint=hint)


def _meant(word: str, known: Collection[str]) -> str:
    return f" ({did_you_mean(word, known)})"
