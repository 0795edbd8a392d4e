{ self, ... }@inputs:
{
  specialArgs = { inherit (self) inputs; };
  modules = [ ./hardware.nix ];

  services.nginx = {
    enable = true;
    virtualHosts."example.org".root = "/srv";
  };
}
