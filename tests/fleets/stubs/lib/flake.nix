{
  description = "A stand-in for snowfall-lib: hosts are folders, and share the packages of their channel";

  inputs.nixpkgs.url = "path:/nonexistent/snowfall-lib-must-follow-a-nixpkgs";

  outputs =
    { self, nixpkgs }:
    let
      inherit (nixpkgs) lib;
      foldersOf =
        path:
        lib.optionals (builtins.pathExists path) (
          builtins.filter (name: (builtins.readDir path).${name} == "directory") (
            builtins.attrNames (builtins.readDir path)
          )
        );
      mkFlake =
        {
          inputs,
          src,
          overlays ? [ ],
          systems ? { },
          ...
        }:
        let
          own = map (name: import (src + "/overlays/${name}") { inherit inputs; }) (foldersOf (src + "/overlays"));
          host = system: name: {
            inherit name;
            value = nixpkgs.lib.nixosSystem {
              inherit system;
              specialArgs = { inherit inputs system; };
              modules = [
                (src + "/systems/${system}/${name}")
                {
                  nixpkgs.pkgs = import nixpkgs {
                    inherit system;
                    overlays = own ++ overlays;
                  };
                }
              ]
              ++ systems.modules.nixos or [ ];
            };
          };
        in
        {
          nixosConfigurations = builtins.listToAttrs (
            lib.concatMap (system: map (host system) (foldersOf (src + "/systems/${system}"))) (
              foldersOf (src + "/systems")
            )
          );
        };
    in
    {
      inherit mkFlake;
      mkLib = { inputs, src, ... }: lib // { mkFlake = given: mkFlake ({ inherit inputs src; } // given); };
    };
}
