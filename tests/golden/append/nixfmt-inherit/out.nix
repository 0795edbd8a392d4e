{ self, ... }@inputs:
{
  specialArgs = { inherit (self) inputs; };
  modules = [
    ./hardware.nix
    { a = 1; }
  ];

  services.nginx = {
    enable = true;
    virtualHosts."example.org".root = "/srv";
  };
}
