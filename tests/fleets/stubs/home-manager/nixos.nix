# home-manager as a NixOS module: with useGlobalPkgs its users see the system's packages.
{
  config,
  lib,
  pkgs,
  ...
}:
let
  cfg = config.home-manager;

  userPkgs =
    if cfg.useGlobalPkgs then
      pkgs
    else
      import pkgs.path {
        inherit (pkgs.stdenv.hostPlatform) system;
        inherit (pkgs) config;
      };
in
{
  options.home-manager = {
    useGlobalPkgs = lib.mkOption { default = false; };
    useUserPackages = lib.mkOption { default = false; };
    extraSpecialArgs = lib.mkOption {
      default = { };
      hidden = true;
    };
    sharedModules = lib.mkOption {
      type.merge = lib.concatLists;
      hidden = true;
    };
    users = lib.mkOption {
      type.each = lib.mkOption {
        type.merge = lib.id;
        apply =
          modules:
          (import ./home.nix {
            inherit lib;
            pkgs = userPkgs;
            modules = cfg.sharedModules ++ modules;
            specialArgs = cfg.extraSpecialArgs // {
              osConfig = config;
            };
          }).config;
      };
    };
  };
}
