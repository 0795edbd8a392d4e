{ pkgs, ... }:
{
  networking.hostName = "krypton";
  nixpkgs.hostPlatform = "x86_64-linux";
  nixpkgs.overlays = [
    (final: prev: {
      hello = prev.hello.overrideAttrs { pname = "hello-krypton"; };
    })
  ];
  environment.systemPackages = [
    pkgs.hello
    pkgs.llama-cpp
  ];
}
