{ config, pkgs, ... }:
{
  networking.hostName = "t";

  environment.systemPackages = with pkgs; [
    vim
  ];
}
