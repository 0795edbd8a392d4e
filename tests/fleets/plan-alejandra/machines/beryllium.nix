{pkgs, ...}: {
  networking.hostName = "beryllium";

  services.xserver.videoDrivers = ["nvidia"];
  hardware.nvidia.open = true;

  environment.systemPackages = [
    pkgs.llama-cpp-cuda
    pkgs.nvtopPackages.nvidia
  ];
}
