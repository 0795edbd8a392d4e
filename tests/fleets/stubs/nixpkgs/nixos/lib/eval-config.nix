# What nixosSystem calls.
{
  lib ? import ../../lib.nix,
  ...
}@arguments:
import ../../nixos.nix { inherit lib; } (removeAttrs arguments [ "lib" ])
