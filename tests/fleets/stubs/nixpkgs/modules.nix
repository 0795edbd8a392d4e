# The module system in small: imports, arguments, conditions, priorities and orders mean what they
# mean in NixOS; options need no declaration.
rec {
  # Evaluates modules to { config, observed }: `observed` has what is really set, and nothing else.
  evalModules =
    {
      modules,
      specialArgs ? { },
      lib ? import ./lib.nix,
    }:
    let
      arguments = {
        inherit lib config;
        options = throw "the stub keeps no table of options";
        modulesPath = ./nixos/modules;
      }
      // specialArgs;

      # A module as a set of imports, options and config; `key` tells equal files apart from others.
      load =
        parent: index: module:
        let
          isFile = lib.isModuleFile module;
          loaded = if isFile then import module else module;
          body =
            if lib.isFunction loaded || loaded ? __functor then
              loaded (arguments // formalsOf loaded)
            else
              loaded;
          structured = body ? config || body ? options;
        in
        rec {
          key = if isFile then toString module else body.key or "${parent}:${toString index}";
          options = body.options or { };
          config =
            if structured then
              body.config or { }
            else
              removeAttrs body [
                "_class"
                "_file"
                "imports"
                "key"
              ];
          imports = lib.imap0 (load key) (body.imports or [ ]);
        };

      formalsOf =
        f:
        lib.mapAttrs (name: _: arguments.${name} or config._module.args.${name}) (
          lib.functionArgs (f.__functor or (_: f) f)
        );

      # Breadth first, each file once, then turned round: the first module's lists come last.
      closure = lib.reverseList (
        builtins.genericClosure {
          startSet = lib.imap0 (load "") modules;
          operator = module: module.imports;
        }
      );

      options = lib.foldl' lib.recursiveUpdate { } (map (module: module.options) closure);
      defaults = map (module: defaultsOf module.options) closure;
      tree = node options (
        lib.concatMap spread (
          map (value: {
            conditions = [ ];
            priority = null;
            order = 1000;
            inherit value;
          }) (defaults ++ map (module: module.config) closure)
        )
      );

      defaultsOf =
        option:
        if option._type or null != "option" then
          lib.mapAttrs (_: defaultsOf) option
        else if option ? default then
          lib.mkOptionDefault option.default
        else
          lib.mkMerge [ ];

      inherit (tree) config;
    in
    {
      inherit config options;
      observed = tree.observed.value;
    };

  # The definitions that one written value stands for: mkIf, mkMerge and the rest taken off.
  spread =
    definition:
    let
      inherit (definition) value;
      inner = content: changes: spread (definition // changes // { value = content; });
    in
    {
      "if" = inner value.content { conditions = definition.conditions ++ [ value.condition ]; };
      merge = builtins.concatMap (content: inner content { }) value.contents;
      override = inner value.content {
        priority = if definition.priority == null then value.priority else definition.priority;
      };
      order = inner value.content { order = value.priority; };
    }
    .${value._type or ""} or [ definition ];

  # One place of the tree of values: its merged value, and what of it was set.
  node =
    option: definitions:
    let
      isOption = option._type or null == "option";
      each = if isOption then option.type.each or null else null;
      isTree = if isOption then each != null else builtins.all (d: isPlain d.value) definitions;
      optionOf = name: if each != null then each else option.${name} or { };
      names = builtins.attrNames (
        builtins.foldl' (set: d: set // d.value) (if isOption then { } else option) definitions
      );
      children = builtins.listToAttrs (
        map (name: {
          inherit name;
          value = node (optionOf name) (
            builtins.concatMap (
              d:
              if d.value ? ${name} then
                spread (
                  d
                  // {
                    order = 1000;
                    value = d.value.${name};
                  }
                )
              else
                [ ]
            ) definitions
          );
        }) names
      );
      active = strongest (builtins.filter isActive definitions);
      ownMerge = if isOption then option.type.merge or null else null;
      merged = (if ownMerge != null then ownMerge else mergeValues) (
        map (definition: definition.value) (inOrder active)
      );
    in
    if isTree then
      {
        config = builtins.mapAttrs (_: child: child.config) children;
        observed =
          let
            set = builtins.filter (name: children.${name}.observed.isSet) (builtins.attrNames children);
          in
          {
            isSet = set != [ ] || builtins.any isActive definitions;
            value = builtins.listToAttrs (
              map (name: {
                inherit name;
                inherit (children.${name}.observed) value;
              }) set
            );
          };
      }
    else
      rec {
        config =
          if active == [ ] && ownMerge == null then
            throw "an option is used that no module sets"
          else
            (if isOption then option.apply or (x: x) else (x: x)) merged;
        observed = {
          isSet = active != [ ] && !(isOption && option.hidden or false);
          value = config;
        };
      };

  isPlain = value: builtins.isAttrs value && !(value ? _type || value ? type || value ? outPath);

  isActive = definition: builtins.all (condition: condition) definition.conditions;

  strongest =
    definitions:
    let
      priorityOf = definition: if definition.priority == null then 100 else definition.priority;
      best = builtins.foldl' (a: b: if priorityOf b < a then priorityOf b else a) 9999 definitions;
    in
    builtins.filter (definition: priorityOf definition == best) definitions;

  inOrder = builtins.sort (a: b: a.order < b.order);

  mergeValues =
    values:
    let
      first = builtins.head values;
    in
    if builtins.all builtins.isList values then
      builtins.concatLists values
    else if builtins.length values == 1 || builtins.all (value: value == first) values then
      first
    else
      throw "an option has conflicting definitions";
}
