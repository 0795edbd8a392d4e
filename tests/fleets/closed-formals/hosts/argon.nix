{ pkgs, ... }:
{
  networking.hostName = "argon";
  environment.systemPackages = [ pkgs.llama-cpp-vulkan ];
  home-manager.useGlobalPkgs = true;
  home-manager.users.grace = {
    home.packages = [ pkgs.ripgrep ];
  };
}
