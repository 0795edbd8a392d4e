# The package set: overlays folded over the packages by a fixed point, as in nixpkgs.
{
  system ? localSystem.system or localSystem,
  localSystem ? builtins.currentSystem,
  overlays ? [ ],
  config ? { },
  crossSystem ? null,
}:
let
  lib = import ./lib.nix;

  # Beside the set, the names that each overlay defines, in the order of application.
  extended =
    final:
    builtins.foldl'
      (
        before: overlay:
        let
          added = overlay final before.set;
        in
        {
          set = before.set // added;
          names = before.names ++ [ (builtins.attrNames added) ];
        }
      )
      {
        set = import ./packages.nix {
          inherit lib system;
          config = {
            allowUnfree = false;
            cudaSupport = false;
            rocmSupport = false;
          }
          // config;
        } final;
        names = [ ];
      }
      overlays;

  again =
    more:
    import ./. {
      inherit system config;
      overlays = overlays ++ more;
    };
in
lib.fix (
  final:
  let
    result = extended final;
  in
  result.set
  // {
    _type = "pkgs";
    inherit overlays;
    overlayNames = result.names;
    appendOverlays = again;
    extend = overlay: again [ overlay ];
  }
)
