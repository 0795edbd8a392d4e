{ config, pkgs, ... }:
{
	networking.hostName = "t";

	services.openssh = {
		enable = true;
	};
	environment.systemPackages = with pkgs; [
		vim
		git
	];
}
