{
  description = "carbon, beryllium, boron and nitrogen";

  inputs = {
    nixpkgs.url = "github:nixos/nixpkgs/nixos-unstable";
    nixpkgs-stable.url = "github:nixos/nixpkgs/nixos-25.05";
    nixos-hardware.url = "github:NixOS/nixos-hardware/master";

    # bar
    waybar.url = "github:Alexays/Waybar/master";
    waybar.inputs.nixpkgs.follows = "nixpkgs";

    home-manager.url = "github:nix-community/home-manager";
    home-manager.inputs.nixpkgs.follows = "nixpkgs"; # one nixpkgs for all
  };

  outputs = {
    self,
    nixpkgs,
    home-manager,
    ...
  } @ inputs: let
    inherit (self) outputs;

    overlay-stable = final: prev: {
      stable = import inputs.nixpkgs-stable {
        inherit (prev.stdenv.hostPlatform) system;
        config.allowUnfree = true;
      };
    };

    # built by hand for each CPU; see the file
    llama-variants = import ./nixos/pkgs/llama-cpp-variants.nix;

    specialArgs = {inherit inputs outputs;};
  in {
    nixosConfigurations = {
      carbon = nixpkgs.lib.nixosSystem {
        inherit specialArgs;
        system = "x86_64-linux";
        modules = [
          ({...}: {nixpkgs.overlays = [overlay-stable inputs.waybar.overlays.default llama-variants];})
          ./machines/carbon.nix
          ./nixos
          inputs.nixos-hardware.nixosModules.lenovo-thinkpad-x1-9th-gen
          home-manager.nixosModules.home-manager
        ];
      };

      beryllium = nixpkgs.lib.nixosSystem {
        inherit specialArgs;
        system = "x86_64-linux";
        modules = [
          {
            nixpkgs.overlays = [
              overlay-stable # must stay first
              llama-variants # cuda

              # inputs.waybar.overlays.default
              # (final: prev: {btop = prev.btop.override {cudaSupport = true;};})
            ];
          }
          ./machines/beryllium.nix
          ./nixos
          home-manager.nixosModules.home-manager
        ];
      };

      boron = nixpkgs.lib.nixosSystem {
        inherit specialArgs;
        system = "x86_64-linux";
        modules = [
          ./machines/boron.nix
          ./nixos
          inputs.nixos-hardware.nixosModules.common-gpu-amd
          home-manager.nixosModules.home-manager
          {nixpkgs = {overlays = [overlay-stable];};}
        ];
      };

      nitrogen = nixpkgs.lib.nixosSystem {
        inherit specialArgs;
        system = "aarch64-linux";
        modules = [./machines/nitrogen.nix ./nixos home-manager.nixosModules.home-manager];
      };
    };
  };
}
