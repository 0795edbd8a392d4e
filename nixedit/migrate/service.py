"""A service of NixOS that runs a recipe's package, configured as the host's nixpkgs wants it."""

from __future__ import annotations

from collections.abc import Mapping

from nixedit.attrpath import escape, parse
from nixedit.errors import RefusedError
from nixedit.flake.module_list import ModuleList
from nixedit.migrate.options import ServiceChoice
from nixedit.migrate.placing import Constant, Placed, Placer, Writer, refusal
from nixedit.migrate.selection import Package
from nixedit.migrate.vintage import Form, Service, Vintage
from nixedit.syntax.calls import called

# What changes more of a package than the variants say.
_CHANGING = ("overrideAttrs", "overrideDerivation")


class ServicePlacer:
    """Sets a service for hosts.

    Args:
        service: the service.
        placer: finds the places.
        notes: gets what a person should know.
    """

    def __init__(self, service: Service, placer: Placer, notes: list[str]) -> None:
        self.service, self.placer, self.notes = service, placer, notes

    def place(
        self, configuration: ModuleList, package: str, choice: ServiceChoice, vintage: Vintage | None
    ) -> list[Placed]:
        """Give the service of a host its package, and where it is new, what it needs to run.

        Args:
            configuration: the host.
            package: the package.
            choice: what the service is to serve, and where.
            vintage: how old the host's nixpkgs is; None where that is not known.

        Returns:
            what is done.

        Raises:
            RefusedError: there is no place for it, or the host's nixpkgs has no such service.
        """
        option = self.service.option
        self._refuse_changed(configuration)
        form = None if vintage is None else vintage.form(self.service.forms)
        if vintage is not None and form is None:
            raise RefusedError(
                f"`{configuration.key}`: its nixpkgs is older than `{option}`",
                path=configuration.fleet.shown(configuration.fleet.flake),
                hint=f"update nixpkgs to {self.service.forms[0].release} or later, or leave the service out",
            )
        given = {name: code for name, code in _codes(choice).items() if form is not None}
        runs = self._runs(configuration)
        values: dict[str, Writer] = {}
        if "model" in given and not runs:
            values["enable"] = Constant("true")
        values["package"] = Package(package)
        if form is not None and (runs or "model" in given):
            values |= {form.options[name]: Constant(code) for name, code in given.items()}
        elif form is None or not runs:
            self._leave(configuration, _codes(choice), form)
        return [self._set(configuration, name, writer) for name, writer in values.items()]

    def _refuse_changed(self, configuration: ModuleList) -> None:
        """A package with changes of its own is nobody's to replace."""
        for module, value in configuration.definitions((*parse(self.service.option), "package")):
            if called(module.origin.snapshot, value) in _CHANGING:
                raise refusal(
                    configuration,
                    f"the package of `{self.service.option}` is built with changes of its own here",
                    module,
                    value,
                    "take them out, or leave the service out",
                )

    def _set(self, configuration: ModuleList, name: str, writer: Writer) -> Placed:
        path = (*parse(self.service.option), *parse(name))
        return self.placer.define(configuration, {configuration.key}, path, writer)

    def _runs(self, configuration: ModuleList) -> bool:
        """Whether some module of a host enables the service."""
        found = configuration.definitions((*parse(self.service.option), "enable"))
        return any(module.origin.snapshot.text(value) != b"false" for module, value in found)

    def _leave(self, configuration: ModuleList, given: Mapping[str, str], form: Form | None) -> None:
        """Say what a person adds, where the service does not run and cannot be made to."""
        forms = self.service.forms if form is None else (form,)
        wanted = {"model": '"/path/to/model.gguf"', **given}
        lines = [
            " ".join(f"{self.service.option}.{each.options[name]} = {code};" for name, code in wanted.items())
            for each in forms
        ]
        options = f" or, since {self.service.forms[-1].release}, ".join(lines)
        why = "no model was given" if form is not None else "flake.lock does not tell how old its nixpkgs is"
        self.notes.append(
            f"`{configuration.key}`: {self.service.option} gets its package and no more, {why}; "
            f"to have it run: {self.service.option}.enable = true; {options}"
        )


def _codes(choice: ServiceChoice) -> dict[str, str]:
    """The code of what a person chose, by what it is."""
    found = {}
    if choice.model is not None:
        found["model"] = f'"{escape(choice.model)}"'
    if choice.host is not None:
        found["host"] = f'"{escape(choice.host)}"'
    if choice.port is not None:
        found["port"] = str(choice.port)
    return found
