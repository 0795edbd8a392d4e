{
  description = "A stand-in for lite-config: one package set for all hosts, made with its own overlays";

  outputs =
    { self }:
    {
      flakeModule =
        { config, inputs, ... }:
        let
          given = config.lite-config;
        in
        {
          flake.nixosConfigurations = builtins.mapAttrs (
            name: host:
            inputs.nixpkgs.lib.nixosSystem {
              specialArgs = { inherit inputs; };
              modules = [
                (given.hostModuleDir + "/${name}")
                {
                  networking.hostName = name;
                  nixpkgs.pkgs = import inputs.nixpkgs {
                    inherit (host) system;
                    overlays = given.nixpkgs.overlays or [ ];
                  };
                }
              ]
              ++ given.systemModules or [ ];
            }
          ) given.hosts;
        };
    };
}
