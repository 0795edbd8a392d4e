# One user's configuration. Its overlays extend the package set that it is given.
{
  lib,
  pkgs,
  modules,
  specialArgs,
}:
let
  base =
    { config, ... }:
    {
      options = {
        home.packages = lib.mkOption { type.merge = lib.concatLists; };
        nixpkgs.overlays = lib.mkOption {
          type.merge = lib.concatLists;
          hidden = true;
        };
        _module.args = lib.mkOption { type.each = lib.mkOption { hidden = true; }; };
      };
      config._module.args.pkgs = pkgs.appendOverlays config.nixpkgs.overlays;
    };

  evaluated = lib.evalModules {
    inherit specialArgs;
    modules = [ base ] ++ modules;
  };
in
{
  config = evaluated.observed;
  inherit (evaluated.config._module.args) pkgs;
}
