{
  description = "A stand-in for somebody else's flake: helpers, hosts and names that a fleet does not write itself";

  inputs.nixpkgs.url = "path:/nonexistent/other-must-follow-a-nixpkgs";

  outputs =
    { self, nixpkgs }:
    let
      mkHost =
        {
          modules ? [ ],
        }:
        nixpkgs.lib.nixosSystem {
          system = "x86_64-linux";
          inherit modules;
        };
    in
    {
      # Hosts by their names.
      hosts.xenon = mkHost { };

      # What a `nixosSystem` may be given.
      base.modules = [ { networking.domain = "example.org"; } ];

      lib = {
        inherit mkHost;

        mkFlake =
          {
            inputs,
            modules ? [ ],
          }:
          {
            nixosConfigurations.xenon = mkHost { inherit modules; };
          };

        # A user's home.
        mkHome = module: { activationPackage.drvPath = builtins.seq (import module) (toString module); };

        # What it is given.
        same = x: x;

        # Macs that share a list of overlays.
        macs = overlays: {
          mac = nixpkgs.lib.nixosSystem {
            system = "aarch64-darwin";
            modules = [ { nixpkgs.overlays = overlays; } ];
          };
        };
      };

      # A module of flake-parts that makes a host of what the fleet gives it.
      flakeModule =
        { config, inputs, ... }:
        {
          flake.nixosConfigurations.xenon = inputs.nixpkgs.lib.nixosSystem {
            system = "x86_64-linux";
            specialArgs = { inherit inputs; };
            modules = config.xenon.modules or [ ];
          };
        };
    };
}
