{
  description = "A stand-in for nixpkgs: the module system, and packages that only record how they were made";

  outputs =
    { self }:
    let
      lib = import ./lib.nix;
    in
    {
      lib = lib // {
        nixosSystem = import ./nixos.nix { inherit lib; };
      };

      legacyPackages = lib.genAttrs [
        "x86_64-linux"
        "aarch64-linux"
        "x86_64-darwin"
        "aarch64-darwin"
      ] (system: import ./. { inherit system; });

      nixosModules.readOnlyPkgs = ./nixos/modules/misc/nixpkgs/read-only.nix;
    };
}
