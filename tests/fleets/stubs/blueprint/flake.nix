{
  description = "A stand-in for blueprint: each folder of hosts/ is a host";

  outputs =
    { self }:
    {
      __functor =
        _:
        { inputs, ... }:
        let
          hosts = inputs.self + "/hosts";
        in
        {
          nixosConfigurations = builtins.mapAttrs (
            hostName: _:
            inputs.nixpkgs.lib.nixosSystem {
              specialArgs = {
                inherit inputs hostName;
                flake = inputs.self;
              };
              modules = [ (hosts + "/${hostName}/configuration.nix") ];
            }
          ) (builtins.readDir hosts);
        };
    };
}
