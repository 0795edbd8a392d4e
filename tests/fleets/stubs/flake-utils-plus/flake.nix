{
  description = "A stand-in for flake-utils-plus: hosts take the packages of the channel that they name";

  outputs =
    { self }:
    {
      lib.mkFlake =
        {
          self,
          inputs,
          hosts ? { },
          hostDefaults ? { },
          channels ? { },
          channelsConfig ? { },
          sharedOverlays ? [ ],
          ...
        }:
        {
          nixosConfigurations = builtins.mapAttrs (
            name: host:
            let
              system = host.system or hostDefaults.system or "x86_64-linux";
              channel = host.channelName or "nixpkgs";
              source = channels.${channel}.input or inputs.${channel};
              packages = import source {
                inherit system;
                overlays = sharedOverlays ++ (channels.${channel}.overlaysBuilder or (_: [ ])) { };
                config = channelsConfig;
              };
            in
            source.lib.nixosSystem {
              inherit system;
              modules = [
                {
                  nixpkgs.pkgs = packages;
                  networking.hostName = name;
                  _module.args.inputs = inputs;
                }
              ]
              ++ hostDefaults.modules or [ ]
              ++ host.modules or [ ];
            }
          ) hosts;
        };
    };
}
