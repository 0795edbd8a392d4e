{ pkgs, lib, ... }:

{
  imports = [ ./hardware.nix ../common ];

  networking = {
    hostName = "carbon";
    firewall.enable = true;
  };

  environment.systemPackages = with pkgs; [
    git # for flakes
    # editors
    vim
  ];

  users.users.ada.extraGroups = [ "wheel" ];
}
