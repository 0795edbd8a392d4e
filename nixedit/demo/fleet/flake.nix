{
  description = "Four machines, one flake";

  inputs = {
    nixpkgs.url = "github:nixos/nixpkgs/nixos-unstable";
    nixpkgs-stable.url = "github:nixos/nixpkgs/nixos-25.05";

    nixos-hardware.url = "github:NixOS/nixos-hardware/master";

    waybar = {
      url = "github:Alexays/Waybar/master";
      inputs.nixpkgs.follows = "nixpkgs";
    };

    home-manager = {
      url = "github:nix-community/home-manager";
      inputs.nixpkgs.follows = "nixpkgs";
    };
  };

  outputs =
    { self, nixpkgs, ... }@inputs:
    let
      inherit (self) outputs;

      # pkgs.stable: for the weeks when unstable is not.
      overlay-stable = final: prev: {
        stable = import inputs.nixpkgs-stable {
          inherit (prev.stdenv.hostPlatform) system;
          config.allowUnfree = true;
        };
      };
    in
    {
      nixosConfigurations = {
        # Laptop: Tiger Lake, Intel graphics.
        carbon = nixpkgs.lib.nixosSystem {
          system = "x86_64-linux";
          specialArgs = { inherit inputs outputs; };
          modules = [
            (
              { config, pkgs, ... }:
              {
                nixpkgs.overlays = [
                  overlay-stable
                  inputs.waybar.overlays.default
                  # llama.cpp, tuned by hand
                  (import ./nixos/pkgs/llama-cpp-variants.nix)
                ];
              }
            )
            ./machines/carbon.nix
            ./nixos
            inputs.nixos-hardware.nixosModules.lenovo-thinkpad-x1-9th-gen
            inputs.home-manager.nixosModules.home-manager
          ];
        };

        # Desktop: Ryzen and an NVIDIA card.
        beryllium = nixpkgs.lib.nixosSystem {
          system = "x86_64-linux";
          specialArgs = { inherit inputs outputs; };
          modules = [
            {
              nixpkgs.overlays = [
                overlay-stable
                (import ./nixos/pkgs/llama-cpp-variants.nix)
                # inputs.waybar.overlays.default
              ];
            }
            ./machines/beryllium.nix
            ./nixos
            inputs.home-manager.nixosModules.home-manager
          ];
        };

        # Living room: a Radeon.
        boron = nixpkgs.lib.nixosSystem {
          system = "x86_64-linux";
          specialArgs = { inherit inputs outputs; };
          modules = [
            { nixpkgs.overlays = [ overlay-stable ]; }
            ./machines/boron.nix
            ./nixos
            inputs.nixos-hardware.nixosModules.common-gpu-amd
            inputs.home-manager.nixosModules.home-manager
          ];
        };

        # In the cupboard: no screen, no graphics card, no overlays.
        nitrogen = nixpkgs.lib.nixosSystem {
          system = "aarch64-linux";
          specialArgs = { inherit inputs outputs; };
          modules = [
            ./machines/nitrogen.nix
            ./nixos
            inputs.home-manager.nixosModules.home-manager
          ];
        };
      };
    };
}
