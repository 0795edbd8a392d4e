# What the evaluator knows of nixpkgs' library, in our own words.
rec {
  id = x: x;
  flip = f: a: b: f b a;
  pipe = builtins.foldl' (x: f: f x);
  genAttrs = names: f: builtins.listToAttrs (map (name: nameValuePair name (f name)) names);
  nameValuePair = name: value: { inherit name value; };
  mergeAttrs = a: b: a // b;
  optionals = yes: list: if yes then list else [ ];
  optional = yes: element: if yes then [ element ] else [ ];
  optionalAttrs = yes: set: if yes then set else { };
  singleton = x: [ x ];
  toList = x: if builtins.isList x then x else [ x ];
  forEach = list: f: map f list;
  flatten = x: if builtins.isList x then builtins.concatMap flatten x else [ x ];
  attrsToList = f: set: map (name: f name set.${name}) (builtins.attrNames set);
  mapAttrsToList = attrsToList;
  mapAttrs' = f: set: builtins.listToAttrs (attrsToList f set);
  filterAttrs =
    keep: set:
    builtins.removeAttrs set (
      builtins.filter (name: !keep name set.${name}) (builtins.attrNames set)
    );
  recursiveUpdate =
    a: b:
    a
    // builtins.mapAttrs (
      name: value:
      if a ? ${name} && builtins.isAttrs a.${name} && builtins.isAttrs value then
        recursiveUpdate a.${name} value
      else
        value
    ) b;
  cut = from: to: builtins.substring from (to - from);
  hasPrefix = part: text: cut 0 (builtins.stringLength part) text == part;
  hasSuffix =
    part: text:
    let
      size = builtins.stringLength text;
      start = size - builtins.stringLength part;
    in
    start >= 0 && cut start size text == part;
  removePrefix =
    part: text:
    if hasPrefix part text then
      builtins.substring (builtins.stringLength part) (-1) text
    else
      text;
  removeSuffix =
    part: text:
    if hasSuffix part text then
      cut 0 (builtins.stringLength text - builtins.stringLength part) text
    else
      text;
  importJSON = path: builtins.fromJSON (builtins.readFile path);
  importTOML = path: builtins.fromTOML (builtins.readFile path);
  filesystem.listFilesRecursive =
    folder:
    flatten (
      attrsToList (
        name: kind:
        if kind == "directory" then
          filesystem.listFilesRecursive (folder + "/${name}")
        else
          folder + "/${name}"
      ) (builtins.readDir folder)
    );
}
