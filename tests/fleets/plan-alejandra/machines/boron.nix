{pkgs, ...}: {
  networking.hostName = "boron";

  # ROCm can wait; Vulkan works.
  environment.systemPackages = with pkgs; [
    llama-cpp-vulkan
    stable.kodi
  ];
}
