# Derivations that are never built: their arguments are the record that the tests look at.
{ lib, system }:
rec {
  mkDerivation =
    attrs:
    let
      make = if lib.isFunction attrs then attrs else _: attrs;
    in
    fromFixedPoint make;

  fromFixedPoint =
    make:
    let
      attrs = make package;
      env = attrs.env or { };
      overlap = builtins.intersectAttrs env attrs;
      name = attrs.name or "${attrs.pname}-${attrs.version}";
      drvAttrs =
        assert lib.assertMsg (
          overlap == { }
        ) "The `env` attribute set cannot contain any attributes passed to derivation";
        removeAttrs attrs [
          "env"
          "meta"
          "passthru"
        ]
        // builtins.mapAttrs (
          variable: value:
          assert lib.assertMsg (
            lib.isString value || lib.isBool value || builtins.isInt value || lib.isDerivation value
          ) "The `env` attribute set cannot contain `${variable}`";
          value
        ) env;
      hash = builtins.hashString "sha256" (builtins.toJSON drvAttrs);
      package =
        attrs
        // env
        // {
          type = "derivation";
          inherit name system drvAttrs;
          drvPath = "/nix/store/${hash}-${name}.drv";
          outPath = "/nix/store/${hash}-${name}";
          overrideAttrs =
            change:
            fromFixedPoint (
              final:
              let
                old = make final;
                changed = if lib.isFunction change then change old else change;
              in
              old // (if lib.isFunction changed then change final old else changed)
            );
        }
        // attrs.passthru or { };
    in
    package;

  # `overridden` on the result holds the arguments that were given by hand.
  makeOverridable =
    f: auto: given:
    let
      package = f (auto // given);
    in
    package
    // {
      overridden = given;
      override =
        new: makeOverridable f auto (given // (if lib.isFunction new then new (auto // given) else new));
      overrideAttrs = change: makeOverridable (arguments: (f arguments).overrideAttrs change) auto given;
    };
}
