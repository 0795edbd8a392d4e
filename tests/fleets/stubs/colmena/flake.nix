{
  description = "A stand-in for colmena: every node has the module `defaults`";

  outputs =
    { self }:
    {
      lib.makeHive = hive: {
        nodes = builtins.mapAttrs (
          name: node:
          hive.meta.nixpkgs.lib.nixosSystem or (import hive.meta.nixpkgs.path).lib.nixosSystem {
            specialArgs = { inherit name; } // hive.meta.specialArgs or { };
            modules = [
              { nixpkgs.hostPlatform = hive.meta.nixpkgs.system; }
              hive.defaults or { }
            ]
            ++ (if builtins.isList node then node else [ node ]);
          }
        ) (removeAttrs hive [
          "defaults"
          "meta"
        ]);
      };
    };
}
