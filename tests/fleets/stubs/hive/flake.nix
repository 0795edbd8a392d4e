{
  description = "A stand-in for hive: the blocks `nixosConfigurations` of all cells are hosts, with packages of their own";

  outputs =
    { self }:
    let
      make =
        host:
        import "${host.bee.pkgs.path}/nixos/lib/eval-config.nix" {
          modules = [
            (removeAttrs host [ "bee" ])
            {
              nixpkgs.hostPlatform = host.bee.system;
              nixpkgs.pkgs = host.bee.pkgs;
            }
          ];
        };
    in
    {
      blockTypes.nixosConfigurations = {
        name = "nixosConfigurations";
      };

      growOn =
        { inputs, cellsFrom, ... }:
        more:
        more
        // {
          __std.cells = builtins.mapAttrs (
            cell: _: import (cellsFrom + "/${cell}/nixosConfigurations.nix") { inherit inputs cell; }
          ) (builtins.readDir cellsFrom);
        };

      collect =
        flake: _:
        builtins.listToAttrs (
          builtins.concatLists (
            builtins.attrValues (
              builtins.mapAttrs (
                cell: hosts:
                map (name: {
                  name = "${cell}-${name}";
                  value = make hosts.${name};
                }) (builtins.attrNames hosts)
              ) flake.__std.cells
            )
          )
        );
    };
}
