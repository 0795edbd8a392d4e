{
  description = "A stand-in for Waybar's flake";

  inputs.nixpkgs.url = "path:/nonexistent/waybar-must-follow-a-nixpkgs";

  outputs =
    { self, nixpkgs }:
    {
      overlays.default = final: prev: {
        waybar = prev.waybar.overrideAttrs (old: {
          version = "${old.version}-master";
        });
      };
    };
}
