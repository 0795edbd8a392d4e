{
  description = "A stand-in for easy-hosts: every host has the shared modules";

  outputs =
    { self }:
    {
      flakeModule =
        { config, inputs, ... }:
        let
          given = config.easy-hosts;
        in
        {
          flake.nixosConfigurations = builtins.mapAttrs (
            name: host:
            inputs.nixpkgs.lib.nixosSystem {
              specialArgs = { inherit inputs; };
              modules = [
                host.path
                {
                  networking.hostName = name;
                  nixpkgs.hostPlatform = "x86_64-linux";
                }
              ]
              ++ given.shared.modules or [ ]
              ++ host.modules or [ ];
            }
          ) given.hosts;
        };
    };
}
