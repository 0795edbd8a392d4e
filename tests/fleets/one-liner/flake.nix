{
  inputs = { nixpkgs.url = "github:NixOS/nixpkgs/nixos-25.05"; };
  outputs = { nixpkgs, ... }: { nixosConfigurations.helium = nixpkgs.lib.nixosSystem { modules = [ ./configuration.nix ]; }; };
}
