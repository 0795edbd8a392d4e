{
  description = "A stand-in for den: hosts are declared by system and name, their aspects give the modules";

  outputs =
    { self }:
    {
      flakeModule =
        {
          config,
          inputs,
          lib,
          ...
        }:
        let
          inherit (config) den;
        in
        {
          flake.nixosConfigurations = lib.concatMapAttrs (
            system:
            builtins.mapAttrs (
              name: _:
              inputs.nixpkgs.lib.nixosSystem {
                inherit system;
                modules = [
                  den.aspects.${name}.nixos or { }
                  den.default.nixos or { }
                  { networking.hostName = name; }
                ];
              }
            )
          ) den.hosts;
        };
    };
}
