{
  description = "A stand-in for nix-darwin: a darwinSystem is evaluated like a nixosSystem";

  inputs.nixpkgs.url = "path:/nonexistent/nix-darwin-must-follow-a-nixpkgs";

  outputs =
    { self, nixpkgs }:
    {
      lib.darwinSystem =
        {
          modules,
          system ? null,
          specialArgs ? { },
          inputs ? { },
        }:
        nixpkgs.lib.nixosSystem { inherit modules system specialArgs; };
    };
}
