{
  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";
  inputs.home-manager.url = "github:nix-community/home-manager";
  inputs.home-manager.inputs.nixpkgs.follows = "nixpkgs";

  outputs =
    inputs@{
      self,
      nixpkgs,
      home-manager,
    }:
    {
      nixosConfigurations.argon = nixpkgs.lib.nixosSystem {
        system = "x86_64-linux";
        specialArgs = { inherit inputs; };
        modules = [
          { nixpkgs.overlays = [ (import ./overlays/llama-cpp-variants.nix) ]; }
          ./hosts/argon.nix
          home-manager.nixosModules.home-manager
        ];
      };

      nixosConfigurations.krypton = nixpkgs.lib.nixosSystem {
        modules = [ ./hosts/krypton.nix ];
      };
    };
}
