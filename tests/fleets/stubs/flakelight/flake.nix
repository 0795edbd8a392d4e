{
  description = "A stand-in for flakelight: what it is given is a module, and every host gets its overlays";

  outputs =
    { self }:
    let
      mkFlake =
        src: given:
        let
          inherit (given.inputs) nixpkgs;
          overlays = given.withOverlays or [ ];
          host =
            hostname: configuration:
            nixpkgs.lib.nixosSystem (
              configuration
              // {
                specialArgs = {
                  inherit (given) inputs;
                  inherit hostname;
                };
                modules = [
                  { nixpkgs.overlays = if builtins.isList overlays then overlays else [ overlays ]; }
                ]
                ++ configuration.modules or [ ];
              }
            );
        in
        {
          nixosConfigurations = builtins.mapAttrs host given.nixosConfigurations;
        };
    in
    {
      __functor = _: mkFlake;
      lib = { inherit mkFlake; };
    };
}
