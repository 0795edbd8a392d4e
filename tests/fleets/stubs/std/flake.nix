{
  description = "A stand-in for std: cells are folders, blocks their files, called with the inputs";

  outputs =
    { self }:
    {
      blockTypes.functions = name: { inherit name; };

      growOn =
        {
          inputs,
          cellsFrom,
          cellBlocks,
        }:
        more:
        more
        // {
          __std.cells = builtins.mapAttrs (
            cell: _:
            builtins.listToAttrs (
              map (
                { name }:
                {
                  inherit name;
                  value = import (cellsFrom + "/${cell}/${name}.nix") { inherit inputs cell; };
                }
              ) cellBlocks
            )
          ) (builtins.readDir cellsFrom);
        };

      # The block at a path of names, once for all systems.
      pick = flake: path: builtins.foldl' (set: name: set.${name}) flake.__std.cells path;
    };
}
