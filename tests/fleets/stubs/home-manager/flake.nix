{
  description = "A stand-in for home-manager";

  inputs.nixpkgs.url = "path:/nonexistent/home-manager-must-follow-a-nixpkgs";

  outputs =
    { self, nixpkgs }:
    {
      nixosModules = rec {
        home-manager = ./nixos.nix;
        default = home-manager;
      };

      lib.homeManagerConfiguration =
        {
          pkgs,
          modules,
          extraSpecialArgs ? { },
        }:
        let
          evaluated = import ./home.nix {
            inherit (pkgs) lib;
            inherit pkgs modules;
            specialArgs = extraSpecialArgs;
          };
        in
        {
          inherit (evaluated) config pkgs;
          activationPackage.drvPath = builtins.hashString "sha256" (builtins.toJSON evaluated.config);
        };
    };
}
