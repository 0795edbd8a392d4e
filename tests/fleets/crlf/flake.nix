{
  inputs = {
    nixpkgs.url = "github:nixos/nixpkgs/nixos-unstable";
    # edited on another system
    waybar = { url = "github:Alexays/Waybar"; inputs.nixpkgs.follows = "nixpkgs"; };
  };

  outputs = { self, nixpkgs, waybar, ... }@inputs: {
    nixosConfigurations = {
      radon = nixpkgs.lib.nixosSystem {
        system = "x86_64-linux";
        modules = [
          { nixpkgs.overlays = [ waybar.overlays.default (import ./pkgs/llama-cpp-variants.nix) ]; }
          ./radon.nix
        ];
      };
    };
  };
}
