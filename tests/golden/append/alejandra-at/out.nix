{
  lib,
  config,
  ...
} @ args: {
  imports = [
    ./hardware.nix
    {a = 1;}
  ];

  time.timeZone = "UTC";
}
