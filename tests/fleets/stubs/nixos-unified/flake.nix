{
  description = "A stand-in for nixos-unified: a function that makes a host, and hosts found by their folders";

  outputs =
    { self }:
    {
      flakeModules.default =
        {
          config,
          inputs,
          self,
          ...
        }:
        {
          flake.nixos-unified.lib.mkLinuxSystem =
            _: module:
            inputs.nixpkgs.lib.nixosSystem {
              specialArgs.flake = { inherit config inputs self; };
              modules = [ module ];
            };
        };

      # Each folder of configurations/nixos/ is a host.
      flakeModules.autoWire =
        { self, ... }:
        let
          hosts = self + "/configurations/nixos";
        in
        {
          flake.nixosConfigurations = builtins.mapAttrs (
            name: _: self.nixos-unified.lib.mkLinuxSystem { } (hosts + "/${name}")
          ) (builtins.readDir hosts);
        };
    };
}
