{
  description = "A stand-in for ez-configs: each file of nixos-configurations/ is a host";

  outputs =
    { self }:
    {
      flakeModule =
        { config, inputs, ... }:
        let
          given = config.ezConfigs;
          hosts = given.root + "/nixos-configurations";
          shared = given.root + "/nixos-modules/default.nix";
        in
        {
          flake.nixosConfigurations = builtins.listToAttrs (
            map (file: rec {
              name = builtins.replaceStrings [ ".nix" ] [ "" ] file;
              value = inputs.nixpkgs.lib.nixosSystem {
                specialArgs = given.globalArgs or { };
                modules = [
                  (hosts + "/${file}")
                  { networking.hostName = name; }
                ]
                ++ (if builtins.pathExists shared then [ shared ] else [ ]);
              };
            }) (builtins.attrNames (builtins.readDir hosts))
          );
        };
    };
}
