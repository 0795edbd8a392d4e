{
  description = "carbon, beryllium, boron and nitrogen";

  inputs = {
    nixpkgs.url = "github:nixos/nixpkgs/nixos-unstable";
    nixpkgs-stable = { url = "github:nixos/nixpkgs/nixos-25.05"; };
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

  outputs = { self, nixpkgs, home-manager, nixos-hardware, ... }@inputs:
    let
      inherit (self) outputs;
      overlay-stable = final: prev: {
        stable = import inputs.nixpkgs-stable {
          inherit (prev.stdenv.hostPlatform) system;
          config.allowUnfree = true;
        };
      };
    in {
      overlays = {
        stable = overlay-stable;
        # llama.cpp per machine
        llama = import ./nixos/pkgs/llama-cpp-variants.nix;
      };

      nixosConfigurations = {
        carbon = nixpkgs.lib.nixosSystem {
          system = "x86_64-linux";
          specialArgs = { inherit inputs outputs; };
          modules = [
            ({ config, pkgs, ... }: {
              nixpkgs.overlays = [
                overlay-stable
                inputs.waybar.overlays.default
                self.overlays.llama
                # (import ./nixos/pkgs/llama-cpp-variants.nix)
              ];
            })
            ./machines/carbon.nix
            ./nixos
            nixos-hardware.nixosModules.lenovo-thinkpad-x1-9th-gen
            home-manager.nixosModules.home-manager
          ];
        };

        beryllium = nixpkgs.lib.nixosSystem {
          system = "x86_64-linux";
          specialArgs = { inherit inputs outputs; };
          modules = [
            { nixpkgs.overlays = [ overlay-stable self.overlays.llama ]; }
            ./machines/beryllium.nix
            ./nixos
            home-manager.nixosModules.home-manager
          ];
        };

        boron = nixpkgs.lib.nixosSystem {
          system = "x86_64-linux";
          specialArgs = { inherit inputs outputs; };
          modules = [
            ({ ... }: {
              nixpkgs.overlays = [ overlay-stable outputs.overlays.llama ];
            })
            ./machines/boron.nix
            ./nixos
            nixos-hardware.nixosModules.common-gpu-amd
            home-manager.nixosModules.home-manager
          ];
        };

        nitrogen = nixpkgs.lib.nixosSystem {
          system = "aarch64-linux";
          specialArgs = { inherit inputs outputs; };
          modules = [
            ./machines/nitrogen.nix
            ./nixos
            home-manager.nixosModules.home-manager
          ];
        };
      };
    };
}
