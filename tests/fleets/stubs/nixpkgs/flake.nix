{
  description = "A stand-in for nixpkgs: the module system, and packages that only record how they were made";

  outputs =
    { self }:
    let
      lib = import ./lib.nix;
    in
    {
      lib =
        let
          all = lib // {
            nixosSystem = import ./nixos.nix { inherit lib; };
            extend =
              overlay:
              let
                final = all // overlay final all;
              in
              final;
          };
        in
        all;

      legacyPackages = lib.genAttrs [
        "x86_64-linux"
        "aarch64-linux"
        "x86_64-darwin"
        "aarch64-darwin"
      ] (system: import ./. { inherit system; });

      nixosModules.readOnlyPkgs = ./nixos/modules/misc/nixpkgs/read-only.nix;
    };
}
