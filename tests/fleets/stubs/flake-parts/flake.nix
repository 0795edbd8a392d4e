{
  description = "A stand-in for flake-parts: systems, perSystem, withSystem, flake and imports";

  inputs.nixpkgs-lib.url = "path:/nonexistent/flake-parts-must-follow-a-nixpkgs";

  outputs =
    { self, nixpkgs-lib }:
    {
      # A module that hands an output of `perSystem` on to the flake.
      lib.mkTransposedPerSystemModule =
        {
          name,
          file,
          option,
        }:
        { };

      lib.mkFlake =
        {
          inputs,
          specialArgs ? { },
        }:
        module:
        let
          inherit (nixpkgs-lib) lib;
          evaluated = lib.evalModules {
            specialArgs = specialArgs // {
              inherit inputs withSystem;
              inherit (inputs) self;
              flake-parts-lib = self.lib;
            };
            modules = [
              {
                options.systems = lib.mkOption { type.merge = lib.concatLists; };
                options.perSystem = lib.mkOption { type.merge = lib.id; };
                # A submodule: what defines it may be a function of its `config`.
                options.flake = lib.mkOption {
                  type.merge = definitions: (lib.evalModules { modules = definitions; }).config;
                };
              }
              module
            ];
          };
          inherit (evaluated) config;
          withSystem =
            system: f:
            f {
              inherit config inputs system;
              inherit (inputs) self;
              inputs' = builtins.mapAttrs (_: input: { packages = input.packages.${system} or { }; }) inputs;
              pkgs = inputs.nixpkgs.legacyPackages.${system};
            };
        in
        builtins.zipAttrsWith (_: lib.mergeAttrsList) (
          [ (config.flake or { }) ]
          ++ lib.concatMap (
            system:
            map (f: builtins.mapAttrs (_: value: { ${system} = value; }) (withSystem system f)) config.perSystem
          ) config.systems
        );
    };
}
