{
  description = "A stand-in for a flake whose overlay adds a set of packages";

  inputs.nixpkgs.url = "path:/nonexistent/rust-overlay-must-follow-a-nixpkgs";

  outputs =
    { self, nixpkgs }:
    {
      overlays.default =
        final: prev:
        let
          channel = name: {
            latest = nixpkgs.lib.genAttrs [ "default" "minimal" ] (
              profile:
              final.stdenv.mkDerivation {
                pname = "rust-${name}-${profile}";
                version = "1";
              }
            );
          };
        in
        {
          rust-bin = nixpkgs.lib.genAttrs [ "stable" "beta" ] channel;
        };
    };
}
