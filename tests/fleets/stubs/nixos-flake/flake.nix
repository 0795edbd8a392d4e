{
  description = "A stand-in for nixos-flake, which nixos-unified was: a function that makes a host";

  outputs =
    { self }:
    {
      flakeModule =
        {
          config,
          inputs,
          self,
          ...
        }:
        {
          flake.nixos-flake.lib.mkLinuxSystem =
            module:
            inputs.nixpkgs.lib.nixosSystem {
              specialArgs.flake = { inherit config inputs self; };
              modules = [ module ];
            };
        };
    };
}
