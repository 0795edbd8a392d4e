# Functions of nixpkgs' library that are best said in Nix: what each gives, in our own words (nixpkgs manual,
# "Functions reference"). The evaluator reads this file as it reads those of a flake.
let
  inherit (builtins)
    all
    attrNames
    attrValues
    concatLists
    concatMap
    concatStringsSep
    elem
    elemAt
    filter
    foldl'
    genList
    head
    isAttrs
    isList
    length
    listToAttrs
    mapAttrs
    tail
    ;
  pair = name: value: { inherit name value; };
in
rec {
  const = value: _: value;
  fix =
    function:
    let
      result = function result;
    in
    result;
  extends =
    overlay: function: final:
    let
      prev = function final;
    in
    prev // overlay final prev;
  makeExtensible = makeExtensibleWithCustomName "extend";
  makeExtensibleWithCustomName =
    name: function:
    fix (
      final:
      function final
      // {
        ${name} = overlay: makeExtensibleWithCustomName name (extends overlay function);
      }
    );
  throwIf = _: _: value: value;
  throwIfNot = _: _: value: value;
  warn = _: value: value;
  warnIf = _: _: value: value;
  warnIfNot = _: _: value: value;

  lessThan = one: two: one < two;

  # lists
  sort =
    less:
    foldl' (
      sorted: new: filter (other: !(less new other)) sorted ++ [ new ] ++ filter (less new) sorted
    ) [ ];
  sortOn = key: sort (one: two: key one < key two);
  last = list: elemAt list (length list - 1);
  init = list: genList (elemAt list) (length list - 1);
  take = count: list: genList (elemAt list) (if count > length list then length list else count);
  drop =
    count: list:
    if count >= length list then [ ] else genList (index: elemAt list (index + count)) (length list - count);
  reverseList = list: genList (index: elemAt list (length list - 1 - index)) (length list);
  range = from: to: if from > to then [ ] else genList (index: from + index) (to - from + 1);
  imap0 = function: list: genList (index: function index (elemAt list index)) (length list);
  imap1 = function: list: genList (index: function (index + 1) (elemAt list index)) (length list);
  zipListsWith =
    function: one: two:
    genList (index: function (elemAt one index) (elemAt two index)) (
      if length one > length two then length two else length one
    );
  zipLists = zipListsWith (fst: snd: { inherit fst snd; });
  foldr =
    function: start: list:
    if list == [ ] then start else function (head list) (foldr function start (tail list));
  fold = foldr;
  unique = foldl' (known: value: if elem value known then known else known ++ [ value ]) [ ];
  remove = value: filter (other: other != value);
  subtractLists = gone: filter (value: !elem value gone);
  intersectLists = kept: filter (value: elem value kept);
  findFirst =
    predicate: default: list:
    let
      found = filter predicate list;
    in
    if found == [ ] then default else head found;
  count = predicate: list: length (filter predicate list);
  partition = predicate: list: {
    right = filter predicate list;
    wrong = filter (value: !predicate value) list;
  };
  groupBy =
    function: list:
    foldl' (
      groups: value:
      let
        name = function value;
      in
      groups // { ${name} = (groups.${name} or [ ]) ++ [ value ]; }
    ) { } list;
  cartesianProduct =
    sets:
    foldl' (
      made: name: concatMap (set: map (value: set // { ${name} = value; }) sets.${name}) made
    ) [ { } ] (attrNames sets);

  # The flake haumea's `lib.load`. Its usual loader calls each file with those of its formals that there are
  # inputs for, and with `self`, `super` and `root`; names with an underscore are not seen from outside.
  haumeaLoad =
    {
      src,
      inputs ? { },
      loader ? "default",
    }:
    let
      size = builtins.stringLength;
      isNix = name: size name > 4 && builtins.substring (size name - 4) 4 name == ".nix";
      isHidden = name: builtins.substring 0 1 name == "_";
      bare = name: if isHidden name then bare (builtins.substring 1 (-1) name) else name;
      stem = name: bare (if isNix name then builtins.substring 0 (size name - 4) name else name);
      namesOf =
        folder:
        let
          entries = builtins.readDir folder;
        in
        filter (name: entries.${name} == "directory" || (entries.${name} == "regular" && isNix name)) (
          attrNames entries
        );
      file =
        path: super:
        let
          found = import path;
          given = inputs // {
            inherit super;
            root = inside;
            self = made;
          };
          made =
            if loader == "path" then
              path
            else if builtins.isFunction loader then
              loader given path
            else if loader == "default" && builtins.isFunction found then
              found (builtins.intersectAttrs (builtins.functionArgs found) given)
            else
              found;
        in
        made;
      below =
        folder:
        let
          made = listToAttrs (
            map (
              name:
              pair (stem name) (
                if isNix name then file (folder + "/${name}") made else below (folder + "/${name}")
              )
            ) (namesOf folder)
          );
        in
        made;
      inside = below src;
      shown =
        folder: set:
        listToAttrs (
          map (
            name:
            pair (stem name) (
              if isNix name then set.${stem name} else shown (folder + "/${name}") set.${stem name}
            )
          ) (filter (name: !isHidden name) (namesOf folder))
        );
    in
    shown src inside;

  # strings
  optionalString = condition: text: if condition then text else "";
  concatStrings = concatStringsSep "";
  concatMapStrings = function: list: concatStrings (map function list);
  concatMapStringsSep =
    separator: function: list:
    concatStringsSep separator (map function list);

  # sets
  attrsToList = set: map (name: pair name set.${name}) (attrNames set);
  attrVals = names: set: map (name: set.${name}) names;
  catAttrs = name: sets: concatMap (set: if set ? ${name} then [ set.${name} ] else [ ]) sets;
  getAttrs = names: set: listToAttrs (map (name: pair name set.${name}) names);
  intersectAttrs =
    left: right:
    listToAttrs (map (name: pair name right.${name}) (filter (name: left ? ${name}) (attrNames right)));
  attrByPath =
    path: default: set:
    if path == [ ] then
      set
    else if isAttrs set && set ? ${head path} then
      attrByPath (tail path) default set.${head path}
    else
      default;
  hasAttrByPath =
    path: set:
    path == [ ] || (isAttrs set && set ? ${head path} && hasAttrByPath (tail path) set.${head path});
  getAttrFromPath = path: set: if path == [ ] then set else getAttrFromPath (tail path) set.${head path};
  setAttrByPath =
    path: value: if path == [ ] then value else { ${head path} = setAttrByPath (tail path) value; };
  foldlAttrs =
    function: start: set:
    foldl' (result: name: function result name set.${name}) start (attrNames set);
  foldAttrs =
    function: start: sets:
    foldr (
      set: made:
      foldlAttrs (
        result: name: value:
        result // { ${name} = function value (made.${name} or start); }
      ) made set
    ) { } sets;
  zipAttrsWithNames =
    names: function: sets:
    listToAttrs (map (name: pair name (function name (catAttrs name sets))) names);
  zipAttrsWith =
    function: sets: zipAttrsWithNames (attrNames (foldl' (made: set: made // set) { } sets)) function sets;
  zipAttrs = zipAttrsWith (_: values: values);
  mapAttrsRecursive = mapAttrsRecursiveCond (_: true);
  mapAttrsRecursiveCond =
    condition: function:
    let
      below =
        path:
        mapAttrs (
          name: value:
          if isAttrs value && condition value then below (path ++ [ name ]) value else function (path ++ [ name ]) value
        );
    in
    below [ ];
  collect =
    predicate: value:
    if predicate value then
      [ value ]
    else if isAttrs value then
      concatMap (collect predicate) (attrValues value)
    else
      [ ];
  filterAttrsRecursive =
    predicate: set:
    listToAttrs (
      concatMap (
        name:
        if !predicate name set.${name} then
          [ ]
        else
          [
            (pair name (
              if isAttrs set.${name} then filterAttrsRecursive predicate set.${name} else set.${name}
            ))
          ]
      ) (attrNames set)
    );
  genAttrs' = values: function: listToAttrs (map function values);
  recursiveUpdateUntil =
    stop: left: right:
    let
      below =
        path: one: two:
        one
        // mapAttrs (
          name: value:
          if one ? ${name} && !stop (path ++ [ name ]) one.${name} value then
            below (path ++ [ name ]) one.${name} value
          else
            value
        ) two;
    in
    below [ ] left right;
}
