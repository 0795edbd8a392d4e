# lib.nixosSystem: the options that every host has, and what comes out.
{ lib }:
let
  nixosSystem = import ./nixos.nix { inherit lib; };
in
{
  modules,
  system ? null,
  specialArgs ? { },
  pkgs ? null,
  extraModules ? [ ],
  modulesLocation ? null,
}@arguments:
let
  inherit (lib) mkIf mkOption mkOverride;

  base =
    { config, pkgs, ... }:
    {
      options = {
        environment.systemPackages = mkOption { type.merge = lib.concatLists; };
        nixpkgs = {
          config = mkOption { type.merge = lib.foldl' lib.recursiveUpdate { }; };
          hostPlatform = mkOption {
            apply = platform: if lib.isString platform then { system = platform; } else platform;
          };
          overlays = mkOption {
            type.merge = lib.concatLists;
            hidden = true;
          };
          pkgs = mkOption {
            default = null;
            hidden = true;
          };
        };
        nix.settings.substituters = mkOption { type.merge = lib.concatLists; };
        services.llama-cpp = {
          enable = mkOption { default = false; };
          package = mkOption {
            default = pkgs.llama-cpp;
            hidden = !config.services.llama-cpp.enable;
          };
        };
        _module.args = mkOption { type.each = mkOption { hidden = true; }; };
      };

      config._module.args = {
        pkgs = mkOverride 100 (
          if config.nixpkgs.pkgs != null then
            config.nixpkgs.pkgs.appendOverlays config.nixpkgs.overlays
          else
            import ./. {
              inherit (config.nixpkgs.hostPlatform) system;
              inherit (config.nixpkgs) config overlays;
            }
        );
        utils = { };
      };
    };

  fromCall.nixpkgs = {
    hostPlatform = mkIf (system != null) (lib.mkDefault system);
    pkgs = mkIf (pkgs != null) pkgs;
  };

  evaluated = lib.evalModules {
    inherit specialArgs;
    modules = [ base ] ++ extraModules ++ [ fromCall ] ++ modules;
  };
  inherit (evaluated) config;

  # What a host is: every value that its modules set. Equal hosts have equal paths.
  toplevel =
    let
      name = "nixos-system-${config.networking.hostName or "nixos"}";
      hash = builtins.hashString "sha256" (builtins.toJSON (observe evaluated.observed));
    in
    {
      type = "derivation";
      inherit name;
      drvPath = "/nix/store/${hash}-${name}.drv";
      outPath = "/nix/store/${hash}-${name}";
    };

  observe =
    value:
    if builtins.isFunction value then
      "a function"
    else if builtins.isPath value then
      baseNameOf value
    else if builtins.isList value then
      map observe value
    else if !builtins.isAttrs value then
      value
    else if lib.isDerivation value then
      value.drvPath
    else if value ? outPath || value ? _type then
      "a source"
    else
      builtins.mapAttrs (_: observe) value;
in
{
  type = "configuration";
  inherit lib;
  inherit (evaluated) options;
  inherit (config._module.args) pkgs;
  # The modules that are there, then more.
  extendModules =
    more:
    nixosSystem (
      arguments
      // {
        modules = modules ++ more.modules or [ ];
        specialArgs = specialArgs // more.specialArgs or { };
      }
    );
  config = lib.recursiveUpdate config { system.build = { inherit toplevel; }; };
}
