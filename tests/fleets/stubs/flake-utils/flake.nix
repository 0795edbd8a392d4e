{
  description = "A stand-in for flake-utils";

  outputs =
    { self }:
    {
      lib = rec {
        defaultSystems = [
          "aarch64-darwin"
          "aarch64-linux"
          "x86_64-darwin"
          "x86_64-linux"
        ];
        eachSystem =
          systems: outputsFor:
          builtins.zipAttrsWith (_: builtins.foldl' (a: b: a // b) { }) (
            map (system: builtins.mapAttrs (_: value: { ${system} = value; }) (outputsFor system)) systems
          );
        eachDefaultSystem = eachSystem defaultSystems;
      };
    };
}
