{
  description = "A stand-in for import-tree: a module that imports the files of a folder, but those with `/_`";

  outputs =
    { self }:
    {
      __functor =
        _: root:
        let
          below =
            path: name:
            let
              inner = path + "/${name}";
            in
            if (builtins.readDir path).${name} == "directory" then files inner else [ inner ];
          files = path: builtins.concatMap (below path) (builtins.attrNames (builtins.readDir path));
          left = path: builtins.substring (builtins.stringLength (toString root)) (-1) (toString path);
          isTaken =
            path: builtins.match ".*[.]nix" (left path) != null && builtins.match ".*/_.*" (left path) == null;
        in
        {
          imports = builtins.filter isTaken (files root);
        };
    };
}
