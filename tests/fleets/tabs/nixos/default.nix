{ pkgs, ... }:
{
	imports = [
		./locale.nix
		./pkgs/llama-cpp-variants.nix # our llama.cpp
	];

	environment.systemPackages = [ pkgs.htop pkgs.llama-cpp-cpu ];
}
