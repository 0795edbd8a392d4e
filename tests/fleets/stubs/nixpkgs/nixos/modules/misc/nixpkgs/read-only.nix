# nixosModules.readOnlyPkgs: nixpkgs.pkgs comes from outside, and overlays are refused.
{ config, lib, ... }:
{
  _module.args.pkgs = lib.mkForce (
    lib.throwIf (config.nixpkgs.overlays != [ ]) "nixpkgs.overlays is read-only" config.nixpkgs.pkgs
  );
}
