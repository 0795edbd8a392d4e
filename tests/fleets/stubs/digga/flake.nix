{
  description = "A stand-in for digga: hosts of one channel, from a set or from the folders of a path";

  outputs =
    { self }:
    {
      lib.mkFlake =
        {
          self,
          inputs,
          nixos ? { },
          channels ? { },
          channelsConfig ? { },
          sharedOverlays ? [ ],
          ...
        }:
        let
          defaults = nixos.hostDefaults or { };
          make =
            name: host:
            let
              channel = host.channelName or defaults.channelName;
              source = channels.${channel}.input or inputs.${channel};
              system = host.system or defaults.system or "x86_64-linux";
            in
            source.lib.nixosSystem {
              inherit system;
              specialArgs = nixos.importables or { };
              modules = [
                {
                  nixpkgs.pkgs = import source {
                    inherit system;
                    config = channelsConfig;
                    overlays = sharedOverlays ++ channels.${channel}.overlays or [ ];
                  };
                  networking.hostName = name;
                }
              ]
              ++ defaults.modules or [ ]
              ++ host.modules or [ ];
            };
        in
        {
          nixosConfigurations = builtins.mapAttrs make (nixos.hosts or { });
        };
    };
}
