{
  description = "A stand-in for a flake whose overlay replaces a package, and that needs nobody's nixpkgs";

  outputs =
    { self }:
    {
      overlays.default = final: prev: {
        neovim = prev.neovim.overrideAttrs (old: {
          version = "nightly";
        });
      };
    };
}
