{
  lib,
  config,
  ...
} @ args: {
  imports = [
    ./hardware.nix
  ];

  time.timeZone = "UTC";
}
