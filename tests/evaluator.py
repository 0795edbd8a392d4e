"""What a fleet evaluates to, said by the real Nix, with stub flakes for its inputs and no network."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from msgspec import Struct

STUBS = Path(__file__).parent / "fleets" / "stubs"

_SETTINGS = {
    "experimental-features": "nix-command flakes",
    "sandbox": "false",
    "build-users-group": "",
    "substituters": "",
    "flake-registry": "",
    "warn-dirty": "false",
}

_FACTS = """
hosts: let
  attempt = value: let
    tried = builtins.tryEval (builtins.deepSeq value value);
  in
    if tried.success then tried.value else "throws";
  package = p: {
    inherit (p) pname;
    cmake_flags = p.cmakeFlags or [ ];
    origin = p.origin or null;
    overridden = builtins.mapAttrs (_: v: if builtins.isBool v then v else "a value") (p.overridden or { });
    no_native = p.drvAttrs.NIX_ENFORCE_NO_NATIVE or null;
    prefer_local_build = p.drvAttrs.preferLocalBuild or null;
    allow_substitutes = p.drvAttrs.allowSubstitutes or null;
    nixpkgs_config = p.nixpkgsConfig or { };
    nixpkgs_release = p.nixpkgsRelease or null;
    path = p.drvPath;
  };
  names = map (p: p.name);
  facts = host: {
    system = host.pkgs.stdenv.hostPlatform.system;
    overlays = host.pkgs.overlayNames;
    packages = builtins.listToAttrs (map
      (name: { inherit name; value = attempt (package host.pkgs.${name}); })
      (builtins.filter (name: builtins.match "llama-cpp.*" name != null) (builtins.attrNames host.pkgs)));
    system_packages = names (host.config.environment.systemPackages or host.config.home.packages or [ ]);
    home_packages = builtins.mapAttrs (_: user: names (user.home.packages or [ ]))
      (host.config.home-manager.users or { });
    toplevel = (host.activationPackage or host.config.system.build.toplevel).drvPath;
  };
in
"""
_EVERY_HOST = _FACTS + "builtins.mapAttrs (_: facts) hosts"


class EvaluationError(Exception):
    """Nix refused; the text is its own, without the warnings about the lock file."""


class Package(Struct, frozen=True):
    """One llama-cpp package as a host would build it."""

    pname: str
    cmake_flags: tuple[str, ...]
    origin: str | None
    """The flake whose package file made it: `nixpkgs` or `llama.cpp`."""
    overridden: Mapping[str, Any]
    """The arguments given to `.override`, all calls together."""
    no_native: bool | None
    """`NIX_ENFORCE_NO_NATIVE` in the build's environment; None where it is not set."""
    prefer_local_build: bool | None
    allow_substitutes: bool | None
    nixpkgs_config: Mapping[str, Any]
    """The `nixpkgs.config` of the package set that it comes from."""
    nixpkgs_release: str | None
    """The release of nixpkgs that it is built with."""
    path: str
    """The derivation's path: equal only for equal arguments."""

    @property
    def is_native(self) -> bool:
        """Whether the compiler really gets `-march=native`: GGML asks, and the wrapper lets it through."""
        flags = [flag for flag in self.cmake_flags if flag.startswith(("-DGGML_NATIVE:", "-DGGML_NATIVE="))]
        return bool(flags) and flags[-1].endswith(("=ON", "=TRUE")) and self.no_native is False

    def flag(self, name: str) -> str | None:
        """The value of `-D<name>=` or `-D<name>:TYPE=`, the last one if there are several."""
        values = [
            flag.split("=", 1)[1]
            for flag in self.cmake_flags
            if flag.startswith((f"-D{name}=", f"-D{name}:"))
        ]
        return values[-1] if values else None


class HostFacts(Struct, frozen=True):
    """What one host evaluates to; with `error`, nothing else is known about it."""

    name: str
    error: str | None = None
    system: str = ""
    overlays: tuple[tuple[str, ...], ...] = ()
    """For each overlay, in the order in which they are applied, the names that it defines."""
    packages: Mapping[str, Package] = {}
    """Every `pkgs.llama-cpp*` that evaluates."""
    thrown: frozenset[str] = frozenset()
    """Every `pkgs.llama-cpp*` that throws."""
    system_packages: tuple[str, ...] = ()
    """Those of the system; of a home by itself, the home's."""
    home_packages: Mapping[str, tuple[str, ...]] = {}
    toplevel: str = ""
    """Stands for all that the host's modules set; equal hosts have equal ones."""


class Evaluator:
    """The real Nix in a store of its own, below *home*."""

    def __init__(self, stubs: Path = STUBS, home: Path | None = None) -> None:
        self._stubs = stubs
        self._home = (home or Path(tempfile.mkdtemp(prefix="nixedit-nix-"))).resolve()

    @staticmethod
    def available() -> bool:
        """Whether there is a Nix to ask."""
        return shutil.which("nix") is not None and shutil.which("nix-instantiate") is not None

    def hosts(self, fleet: Path, output: str = "nixosConfigurations") -> dict[str, HostFacts]:
        """Everything known about every host of the flake in the directory *fleet*.

        A host that does not evaluate has its `error`; a flake that does not is an `EvaluationError`.
        """
        try:
            found = self.flake(fleet, output, _EVERY_HOST)
        except EvaluationError:
            names = self.flake(fleet, output, "builtins.attrNames")
            return {name: self._host(fleet, output, name) for name in names}
        return {name: _host_facts(name, facts) for name, facts in found.items()}

    def flake(self, fleet: Path, attribute: str, apply: str = "x: x") -> Any:
        """The value of `fleet#attribute` given to the Nix function *apply*, in pure evaluation."""
        return json.loads(
            self._run(
                *("nix", "eval", "--json", "--no-write-lock-file"),
                *self._overrides(fleet),
                *(f"path:{fleet.resolve()}#{attribute}", "--apply", apply),
            )
        )

    def message(self, fleet: Path, host: str, package: str) -> str:
        """What Nix says when *host* asks for `pkgs.<package>`, which must fail."""
        try:
            self.flake(fleet, f"nixosConfigurations.{host}.pkgs.{package}.drvPath")
        except EvaluationError as error:
            return str(error)
        raise AssertionError(f"{host}: {package} evaluates")

    def expression(self, code: str) -> Any:
        """The value of *code*, which may read any file."""
        return json.loads(self._run("nix", "eval", "--json", "--impure", "--expr", code))

    def syntax_error(self, path: Path) -> str | None:
        """What Nix's parser says against the file, or None."""
        try:
            self._run("nix-instantiate", "--parse", str(path))
        except EvaluationError as error:
            return str(error)
        return None

    def stub(self, name: str) -> Path:
        """The directory of a stub flake, for instance `llama.cpp`."""
        return self._stubs / name

    def _host(self, fleet: Path, output: str, name: str) -> HostFacts:
        try:
            return _host_facts(name, self.flake(fleet, f'{output}."{name}"', _FACTS + "facts hosts"))
        except EvaluationError as error:
            return HostFacts(name, error=str(error))

    def _overrides(self, fleet: Path) -> list[str]:
        inputs = self.expression(f"(import {fleet.resolve() / 'flake.nix'}).inputs or {{ }}")
        return [
            word
            for name, declared in inputs.items()
            if "follows" not in declared
            for word in ("--override-input", name, f"path:{self._stub_of(name, declared)}")
        ]

    def _stub_of(self, name: str, declared: Mapping[str, Any]) -> Path:
        if "url" in declared:
            kind, _, rest = declared["url"].partition(":")
            text = (rest if kind == "github" else f"/{declared['url']}").split("?")[0]
            parts = text.split("/")[-2:] if kind.startswith("git+") else text.split("/")
        else:
            parts = [declared["owner"], declared["repo"], declared.get("ref", "")]
        repository, reference = parts[1].lower(), "/".join(parts[2:])
        stub = self._stubs / repository
        if not stub.is_dir():
            raise LookupError(f"no stub flake for the input {name}: {declared}")
        if repository == "nixpkgs" and any(letter.isdigit() for letter in reference):
            return self._release(stub, reference.removeprefix("nixos-"))
        return stub

    def _release(self, stub: Path, release: str) -> Path:
        copy = self._home / "stubs" / f"nixpkgs-{release.replace('/', '-')}"
        if not copy.exists():
            shutil.copytree(stub, copy)
            (copy / "release.nix").write_text(f'"{release}"\n')
        return copy

    def value(self, flake: Path, attribute: str) -> Any:
        """The value of `flake#attribute` with the flake's own inputs."""
        target = f"path:{flake.resolve()}#{attribute}"
        return json.loads(self._run("nix", "eval", "--json", "--no-write-lock-file", target))

    def lock(self, flake: Path) -> None:
        """Let Nix write the lock of the flake in a directory."""
        self._run("nix", "flake", "lock", f"path:{flake.resolve()}")

    def _run(self, *command: str) -> str:
        done = subprocess.run(
            [*command, *(word for name, value in _SETTINGS.items() for word in ("--option", name, value))],
            env=self.environment(),
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise EvaluationError(done.stderr[max(done.stderr.find("error:"), 0) :].strip())
        return done.stdout

    def environment(self) -> dict[str, str]:
        """The environment that Nix runs in."""
        places = {
            "HOME": "home",
            "XDG_CACHE_HOME": "cache",
            "XDG_CONFIG_HOME": "config",
            "NIX_STORE_DIR": "store",
            "NIX_STATE_DIR": "state",
            "NIX_LOCALSTATE_DIR": "state",
            "NIX_LOG_DIR": "log",
            "NIX_CONF_DIR": "etc",
        }
        return {
            "PATH": os.environ["PATH"],
            "NIX_REMOTE": "local",
            **{variable: str(self._home / folder) for variable, folder in places.items()},
        }


def _host_facts(name: str, facts: Mapping[str, Any]) -> HostFacts:
    packages = facts["packages"]
    return HostFacts(
        name=name,
        system=facts["system"],
        overlays=tuple(map(tuple, facts["overlays"])),
        packages={
            name: Package(**{**package, "cmake_flags": tuple(package["cmake_flags"])})
            for name, package in packages.items()
            if package != "throws"
        },
        thrown=frozenset(name for name, package in packages.items() if package == "throws"),
        system_packages=tuple(facts["system_packages"]),
        home_packages={user: tuple(names) for user, names in facts["home_packages"].items()},
        toplevel=facts["toplevel"],
    )
