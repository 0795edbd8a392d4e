{
  description = "A stand-in for haumea: a folder as a set, its files called with what they ask for";

  outputs =
    { self }:
    {
      lib.loaders = {
        default =
          inputs: path:
          let
            found = import path;
          in
          if builtins.isFunction found then
            found (builtins.mapAttrs (name: _: inputs.${name}) (builtins.functionArgs found))
          else
            found;
        path = _: path: path;
        verbatim = _: import;
      };

      lib.load =
        {
          src,
          inputs ? { },
          loader ? self.lib.loaders.default,
        }:
        let
          entries = folder: builtins.attrNames (builtins.readDir folder);
          isFile = name: builtins.match ".*[.]nix" name != null;
          stem = name: builtins.head (builtins.match "_*(.*[^.])([.]nix)?" name);
          plain = name: builtins.replaceStrings [ ".nix" ] [ "" ] (stem name);
          call =
            path: super:
            loader (
              inputs
              // {
                inherit super;
                root = inside src;
              }
            ) path;
          inside =
            folder:
            let
              here = builtins.listToAttrs (
                map (name: {
                  name = plain name;
                  value = if isFile name then call (folder + "/${name}") here else inside (folder + "/${name}");
                }) (entries folder)
              );
            in
            here;
          seen =
            folder: set:
            builtins.listToAttrs (
              map (name: {
                name = plain name;
                value = if isFile name then set.${plain name} else seen (folder + "/${name}") set.${name};
              }) (builtins.filter (name: builtins.substring 0 1 name != "_") (entries folder))
            );
        in
        seen src (inside src);
    };
}
