{
  config,
  pkgs,
  lib,
  ...
}:
{
  networking.hostName = "t";

  services.openssh = {
    enable = true;
  };
  environment.systemPackages = with pkgs; [
    vim
  ];
}
