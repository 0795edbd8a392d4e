{
	description = "Tabs, all the way";

	inputs = {
		nixpkgs = {
			url = "github:nixos/nixpkgs/nixos-unstable";
		};
		nixos-hardware = {
			url = "github:NixOS/nixos-hardware";
		};
	};

	outputs = { self, nixpkgs, nixos-hardware, ... }@inputs: {
		nixosConfigurations = {
			neon = nixpkgs.lib.nixosSystem {
				system = "x86_64-linux";
				specialArgs = { inherit inputs; };
				modules = [
					# Overlays of this host
					({ ... }: {
						nixpkgs.overlays = [
							(final: prev: {
								htop = prev.htop.overrideAttrs (old: { pname = "htop-neon"; });
							}) # until 3.5
						];
					})
					./machines/neon.nix
					./nixos
					nixos-hardware.nixosModules.common-cpu-amd
				];
			};

			xenon = nixpkgs.lib.nixosSystem {
				system = "aarch64-linux";
				modules = [
					./machines/xenon.nix
					./nixos
				];
			};
		};
	};
}
