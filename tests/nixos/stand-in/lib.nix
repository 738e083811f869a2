# SPDX-License-Identifier: MIT
# A stand-in for nixpkgs' lib, of our own making: as much of it as nixos-module/ uses, and of the module system as much as shows whether our options and
# assertions do what they say. It is smaller, stricter and slower than the real one, and proves nothing about that.
let
  inherit (builtins) all any attrNames attrValues concatLists concatMap concatStringsSep elem elemAt filter genList head intersectAttrs isAttrs isBool
    isFunction isInt isList isString length listToAttrs mapAttrs match removeAttrs stringLength substring tail zipAttrsWith;

  nameValuePair = name: value: { inherit name value; };
  mapAttrsToList = f: attrs: map (name: f name attrs.${name}) (attrNames attrs);
  mapAttrs' = f: attrs: listToAttrs (mapAttrsToList f attrs);
  filterAttrs = f: attrs: listToAttrs (concatMap (name: if f name attrs.${name} then [ (nameValuePair name attrs.${name}) ] else [ ]) (attrNames attrs));
  optionals = condition: list: if condition then list else [ ];
  hasPrefix = prefix: text: substring 0 (stringLength prefix) text == prefix;

  # --- definitions: a value, or one that is marked: mkIf, mkDefault -------------------------------------------------------------------------------
  normal = 100;
  mkOverride = priority: content: { _type = "override"; inherit priority content; };
  mkIf = condition: content: { _type = "if"; inherit condition content; };
  # What is left of a definition: nothing, or its value with its priority.
  discharge = priority: definition:
    if definition._type or null == "if" then optionals definition.condition (discharge priority definition.content)
    else if definition._type or null == "override" then discharge definition.priority definition.content
    else [ { inherit priority; value = definition; } ];

  # A mark on a whole set, as a mark on each of its elements: whether it holds may depend on other options.
  pushDown = definition:
    if definition._type or null == "if" then mapAttrs (_: mkIf definition.condition) (pushDown definition.content)
    else if definition._type or null == "override" then mapAttrs (_: mkOverride definition.priority) (pushDown definition.content)
    else definition;

  isOption = value: value._type or null == "option";

  # The value of an option, or of an element inside one, of all its definitions.
  merge = path: type: definitions:
    let
      left = concatMap (discharge normal) definitions;
      least = builtins.foldl' (least: one: if one.priority < least then one.priority else least) 10000 left;
      values = map (one: one.value) (filter (one: one.priority == least) left);
      wrong = filter (value: !type.check value) values;
    in
    if left == [ ] then type.empty or (throw "The option `${path}' was accessed but has no value defined.")
    else if wrong != [ ] then throw "A definition for option `${path}' is not of type `${type.description}'."
    else type.merge path values;

  evaluate = path: declarations: freeform: definitions:
    let
      given = zipAttrsWith (_: values: values) (map pushDown definitions);
      below = name: if path == "" then name else "${path}.${name}";
      declared = mapAttrs (name: declaration:
        if isOption declaration
        then merge (below name) declaration.type ((given.${name} or [ ]) ++ optionals (declaration ? default) [ (mkOverride 1500 declaration.default) ])
        else evaluate (below name) declaration freeform (given.${name} or [ ])) declarations;
      others = removeAttrs given (attrNames declarations);
      free = mapAttrs (name: values:
        merge (below name) freeform.element values) others;
    in
    if freeform == null && others != { } then throw "The option `${below (head (attrNames others))}' does not exist." else declared // free;

  # Modules in, the configuration that they make out. As a function a module gets `arguments` with config.
  evalModules = { modules, arguments ? { }, path ? "" }:
    let
      load = module:
        let
          loaded = if isFunction module then module (arguments // { inherit config lib; }) else if isAttrs module then module else load' (import module);
          load' = imported: if isFunction imported then imported (arguments // { inherit config lib; }) else imported;
          named = loaded ? config || loaded ? options || loaded ? imports || loaded ? freeformType;
        in
        [ (if named then loaded else { config = loaded; }) ] ++ concatMap load (loaded.imports or [ ]);
      all = concatMap load modules;
      join = builtins.foldl' lib.recursiveUpdate { };
      freeforms = filter (module: module ? freeformType) all;
      config = evaluate path (join (map (module: module.options or { }) all)) (if freeforms == [ ] then null else (head freeforms).freeformType)
        (map (module: module.config or (removeAttrs module [ "imports" "options" "freeformType" ])) all);
    in
    config;

  # --- types: what fits, and what several definitions come to --------------------------------------------------------------------------------------
  one = path: values:
    if all (value: value == head values) values then head values else throw "The option `${path}' has conflicting definition values.";
  simple = description: check: { inherit description check; merge = one; };
  types = rec {
    str = simple "string" isString;
    bool = simple "boolean" isBool;
    int = simple "signed integer" isInt;
    raw = simple "raw value" (_: true);
    package = simple "package" (value: value.type or null == "derivation" || hasPrefix builtins.storeDir (toString value));
    ints.between = least: most: simple "integer between ${toString least} and ${toString most}" (value: isInt value && value >= least && value <= most);
    strMatching = pattern: simple "string matching the pattern ${pattern}" (value: isString value && match pattern value != null);
    enum = words: simple "one of ${concatStringsSep ", " (map (word: ''"${word}"'') words)}" (value: elem value words);
    addCheck = type: check: type // { check = value: type.check value && check value; };
    nullOr = type: {
      description = "null or ${type.description}";
      check = value: value == null || type.check value;
      merge = path: values: if all (value: value == null) values then null else merge path type values;
    };
    listOf = type: {
      description = "list of ${type.description}";
      check = isList;
      empty = [ ];
      merge = path: lists: genList (at: merge "${path}.${toString at}" type [ (elemAt (concatLists lists) at) ]) (length (concatLists lists));
    };
    nonEmptyListOf = type: removeAttrs (addCheck (listOf type) (list: list != [ ])) [ "empty" ] // { description = "non-empty list of ${type.description}"; };
    attrsOf = type: {
      description = "attribute set of ${type.description}";
      check = isAttrs;
      empty = { };
      element = type;
      merge = path: sets: mapAttrs (name: merge "${path}.${name}" type) (filterAttrs (_: values: concatMap (discharge normal) values != [ ]) (zipAttrsWith (_: values: values) sets));
    };
    either = a: b: {
      description = "${a.description} or ${b.description}";
      check = value: a.check value || b.check value;
      merge = path: values: if all a.check values then a.merge path values else b.merge path values;
    };
    oneOf = list: if length list == 1 then head list else either (head list) (oneOf (tail list));
    submodule = module: {
      description = "submodule";
      check = value: isAttrs value || isFunction value;
      merge = path: values: evalModules { inherit path; modules = [ module ] ++ map (config: { inherit config; }) values; };
    };
  };

  lib = {
    inherit all attrNames concatLists concatMap concatStringsSep evalModules filter filterAttrs hasPrefix head isFunction listToAttrs mapAttrs mapAttrs'
      mapAttrsToList mkIf mkOverride nameValuePair optionals types;
    inherit (builtins) foldl';
    mkDefault = mkOverride 1000;
    mkOption = option: option // { _type = "option"; };
    mkEnableOption = what: lib.mkOption { type = types.bool; default = false; description = "Whether to enable ${what}."; };
    mkRemovedOptionModule = path: replacement: { config, ... }: {
      options = lib.setAttrByPath path (lib.mkOption { type = types.nullOr types.raw; default = null; });
      config.assertions = [
        {
          assertion = builtins.foldl' (set: name: set.${name}) config path == null;
          message = "The option definition `${concatStringsSep "." path}' no longer has any effect; please remove it.\n${replacement}";
        }
      ];
    };
    literalMD = text: text;
    literalExpression = text: text;

    importJSON = path: builtins.fromJSON (builtins.readFile path);
    optionalAttrs = condition: attrs: if condition then attrs else { };
    makeBinPath = packages: concatStringsSep ":" (map (package: "${package}/bin") packages);
    concatMapStringsSep = separator: f: list: concatStringsSep separator (map f list);
    trivial.release = "26.05";
    optionalString = condition: text: if condition then text else "";
    escapeRegex = text: if text == "." then "\\." else text;
    splitString = by: text: filter isString (builtins.split (lib.escapeRegex by) text);
    drop = count: list: if count == 0 || list == [ ] then list else lib.drop (count - 1) (tail list);
    genAttrs = names: f: listToAttrs (map (name: nameValuePair name (f name)) names);
    setAttrByPath = path: value: if path == [ ] then value else { ${head path} = lib.setAttrByPath (tail path) value; };
    recursiveUpdate = a: b: a // mapAttrs (name: value: if isAttrs value && isAttrs (a.${name} or null) && !isOption value then lib.recursiveUpdate a.${name} value else value) b;
    filterAttrsRecursive = f: attrs: mapAttrs (_: value: if isAttrs value then lib.filterAttrsRecursive f value else value) (filterAttrs f attrs);

    # For package.nix.
    fileset = { unions = paths: paths; toSource = { root, fileset }: assert all builtins.pathExists fileset; root; };
    mesonOption = name: value: "-D${name}=${value}";
    getExe = package: lib.getExe' package package.meta.mainProgram;
    getExe' = package: name: "${package}/bin/${name}";
    licenses.mit.spdxId = "MIT";
    platforms.linux = [ "x86_64-linux" "aarch64-linux" ];
    callPackageWith = set: function: more: function (intersectAttrs (builtins.functionArgs function) set // more);
  };
in
lib
