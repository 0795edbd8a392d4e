{ pkgs, ... }:
{
  networking.hostName = "radon";
  environment.systemPackages = [ pkgs.waybar pkgs.llama-cpp-cuda ];
}
