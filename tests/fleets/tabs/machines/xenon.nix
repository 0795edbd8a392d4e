{ pkgs, ... }:
{
	networking.hostName = "xenon";
	environment.systemPackages = [ pkgs.vim ];
}
