{
  description = "A stand-in for clan-core: machines as modules, made into hosts";

  inputs.nixpkgs.url = "path:/nonexistent/clan-core-must-follow-a-nixpkgs";

  outputs =
    { self, nixpkgs }:
    let
      hosts =
        {
          machines,
          specialArgs ? { },
          ...
        }:
        builtins.mapAttrs (
          name: machine:
          nixpkgs.lib.nixosSystem {
            inherit specialArgs;
            modules = [
              machine
              { networking.hostName = name; }
            ];
          }
        ) machines;
    in
    {
      lib.clan = given: { config.nixosConfigurations = hosts given; };

      flakeModules.default = { config, ... }: { flake.nixosConfigurations = hosts config.clan; };
    };
}
