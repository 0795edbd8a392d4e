{
  description = "A stand-in for nixos-hardware";

  outputs =
    { self }:
    {
      nixosModules =
        let
          module = name: {
            hardware.profiles = [ name ];
          };
        in
        builtins.listToAttrs (
          map
            (name: {
              inherit name;
              value = module name;
            })
            [
              "common-cpu-amd"
              "common-cpu-intel"
              "common-gpu-amd"
              "common-gpu-nvidia"
              "common-pc-ssd"
              "framework-13-7040-amd"
              "lenovo-thinkpad-x1-9th-gen"
              "raspberry-pi-4"
            ]
        );
    };
}
