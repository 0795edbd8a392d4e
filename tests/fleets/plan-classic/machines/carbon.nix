{ pkgs, ... }: {
  networking.hostName = "carbon";

  services.tlp.enable = true;

  environment.systemPackages = with pkgs; [
    waybar
    stable.libreoffice
    llama-cpp-vulkan # Iris Xe
    llama-cpp-cpu
  ];
}
