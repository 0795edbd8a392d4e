{
  description = "A stand-in for a flake that builds hosts from the nixpkgs that it is given, and has no packages";

  outputs =
    { self }:
    {
      lib.nixosSystem = { nixpkgs, ... }@given: nixpkgs.lib.nixosSystem (removeAttrs given [ "nixpkgs" ]);
    };
}
