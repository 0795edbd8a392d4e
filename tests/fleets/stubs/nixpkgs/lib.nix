# The part of nixpkgs' lib that the fleets and stubs call. Names and meanings are nixpkgs'.
let
  inherit (builtins)
    attrNames
    attrValues
    concatStringsSep
    elem
    elemAt
    filter
    foldl'
    genList
    isAttrs
    isFunction
    isPath
    isString
    length
    listToAttrs
    mapAttrs
    replaceStrings
    stringLength
    substring
    zipAttrsWith
    ;

  property = _type: fields: { inherit _type; } // fields;
in
rec {
  inherit (builtins)
    all
    any
    attrNames
    attrValues
    concatLists
    concatMap
    concatStringsSep
    elem
    filter
    foldl'
    functionArgs
    genList
    head
    isAttrs
    isBool
    isFunction
    isList
    isString
    length
    listToAttrs
    mapAttrs
    match
    removeAttrs
    replaceStrings
    tail
    trace
    zipAttrsWith
    ;

  version = import ./release.nix;
  trivial.release = version;

  id = x: x;
  const = x: _: x;
  flip =
    f: a: b:
    f b a;
  pipe = foldl' (value: f: f value);
  extends =
    overlay: f: final:
    let
      prev = f final;
    in
    prev // overlay final prev;

  foldlAttrs =
    f: start: set:
    builtins.foldl' (made: name: f made name set.${name}) start (builtins.attrNames set);

  makeExtensible =
    f: fix (final: f final // { extend = overlay: makeExtensible (extends overlay f); });

  fix =
    f:
    let
      x = f x;
    in
    x;
  makeScope = newScope: f: fix (self: { callPackage = newScope self; } // f self);
  composeExtensions =
    f: g: final: prev:
    let
      first = f final prev;
    in
    first // g final (prev // first);
  composeManyExtensions = foldl' composeExtensions (_: _: { });

  optional = cond: x: if cond then [ x ] else [ ];
  optionals = cond: xs: if cond then xs else [ ];
  optionalAttrs = cond: set: if cond then set else { };
  optionalString = cond: s: if cond then s else "";

  flatten = x: if builtins.isList x then builtins.concatMap flatten x else [ x ];
  unique = foldl' (seen: x: if elem x seen then seen else seen ++ [ x ]) [ ];
  reverseList =
    xs:
    let
      n = length xs;
    in
    genList (i: elemAt xs (n - i - 1)) n;
  imap0 = f: xs: genList (i: f i (elemAt xs i)) (length xs);
  forEach = xs: f: map f xs;

  nameValuePair = name: value: { inherit name value; };
  genAttrs = names: f: listToAttrs (map (name: nameValuePair name (f name)) names);
  mapAttrs' = f: set: listToAttrs (map (name: f name set.${name}) (attrNames set));
  mapAttrsToList = f: set: map (name: f name set.${name}) (attrNames set);
  filterAttrs = keep: set: removeAttrs set (filter (name: !keep name set.${name}) (attrNames set));
  concatMapAttrs = f: set: foldl' (a: b: a // b) { } (attrValues (mapAttrs f set));
  makeOverridable =
    function: arguments:
    function arguments // { override = new: makeOverridable function (arguments // new); };
  mergeAttrsList = foldl' (a: b: a // b) { };
  attrByPath =
    path: default: set:
    if path == [ ] then
      set
    else if isAttrs set && set ? ${builtins.head path} then
      attrByPath (builtins.tail path) default set.${builtins.head path}
    else
      default;
  recursiveUpdate =
    a: b:
    zipAttrsWith
      (
        _: values:
        if length values == 1 then
          builtins.head values
        else if isAttrs (elemAt values 0) && isAttrs (elemAt values 1) then
          recursiveUpdate (elemAt values 0) (elemAt values 1)
        else
          elemAt values 1
      )
      [
        a
        b
      ];

  toLower = replaceStrings (strings.chars "ABCDEFGHIJKLMNOPQRSTUVWXYZ") (
    strings.chars "abcdefghijklmnopqrstuvwxyz"
  );
  filesystem.listFilesRecursive =
    folder:
    builtins.concatMap (
      name:
      if (builtins.readDir folder).${name} == "directory" then
        filesystem.listFilesRecursive (folder + "/${name}")
      else
        [ (folder + "/${name}") ]
    ) (attrNames (builtins.readDir folder));
  fileset = {
    fileFilter = predicate: path: { inherit predicate path; };
    toList =
      set:
      filter (
        file:
        set.predicate rec {
          name = baseNameOf file;
          type = "regular";
          hasExt = extension: hasSuffix ".${extension}" name;
        }
      ) (filesystem.listFilesRecursive set.path);
  };

  hasPrefix = prefix: s: substring 0 (stringLength prefix) s == prefix;
  hasSuffix =
    suffix: s:
    let
      n = stringLength s - stringLength suffix;
    in
    n >= 0 && substring n (stringLength suffix) s == suffix;
  removeSuffix =
    suffix: s: if hasSuffix suffix s then substring 0 (stringLength s - stringLength suffix) s else s;
  concatMapStringsSep =
    sep: f: xs:
    concatStringsSep sep (map f xs);
  cmakeBool = name: value: "-D${name}:BOOL=${if value then "TRUE" else "FALSE"}";
  cmakeFeature = name: value: "-D${name}:STRING=${value}";
  strings.chars = s: genList (i: substring i 1 s) (stringLength s);

  warn = message: builtins.trace "warning: ${message}";
  warnIf = cond: message: if cond then warn message else id;
  throwIf = cond: message: if cond then throw message else id;
  assertMsg = cond: message: cond || throw message;
  importTOML = path: fromTOML (builtins.readFile path);
  importJSON = path: builtins.fromJSON (builtins.readFile path);
  toFunction = f: if isFunction f then f else _: f;
  isDerivation = x: x.type or null == "derivation";
  getExe = package: "${package}/bin/${package.pname}";
  cleanSource = id;

  mkIf = condition: content: property "if" { inherit condition content; };
  mkMerge = contents: property "merge" { inherit contents; };
  mkOverride = priority: content: property "override" { inherit priority content; };
  mkForce = mkOverride 50;
  mkImageMediaOverride = mkOverride 60;
  mkDefault = mkOverride 1000;
  mkOptionDefault = mkOverride 1500;
  mkOrder = priority: content: property "order" { inherit priority content; };
  mkBefore = mkOrder 500;
  mkAfter = mkOrder 1500;

  mkOption = property "option";
  mkEnableOption = description: mkOption { default = false; };
  mkPackageOption =
    pkgs: name: _:
    mkOption { default = pkgs.${name}; };
  types =
    genAttrs
      [
        "anything"
        "bool"
        "int"
        "package"
        "path"
        "port"
        "raw"
        "str"
      ]
      (name: {
        inherit name;
      })
    // genAttrs [
      "attrsOf"
      "enum"
      "lazyAttrsOf"
      "listOf"
      "nullOr"
      "submodule"
    ] (name: _: { inherit name; });

  inherit (import ./modules.nix) evalModules;

  # A module by itself, or a path to one.
  isModuleFile = x: isPath x || isString x;
}
