{pkgs, ...}: {
  networking.hostName = "nitrogen";

  services.openssh.enable = true;

  environment.systemPackages = [pkgs.llama-cpp];
}
