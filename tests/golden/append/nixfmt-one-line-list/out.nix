{
  pkgs,
  lib,
  ...
}:
{
  imports = [
    ./hardware.nix
    ../common
  ];

  # The web server.
  services.nginx.enable = true;
  services.nginx.virtualHosts = {
    "example.org" = {
      root = "/srv"; # served as it is
    };
  };

  networking = {
    hostName = "carbon";
    firewall.enable = true;
  };

  environment.systemPackages = with pkgs; [
    git # for flakes
    # editors
    vim
  ];

  users.users.ada.extraGroups = [
    "wheel"
    "docker"
  ];
}
