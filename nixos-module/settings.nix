# SPDX-License-Identifier: MIT
# igotchuu's files as types of options. All keys there are stand in schema.json, which igotchuu itself writes (tests/nixos/say-schema.cpp), so that no
# option can differ from what the program takes. A key that is not among them goes into the file all the same: the generator judges it in the build.
{ lib, toml }:
let
  inherit (lib) types;
  schema = lib.importJSON ./schema.json;

  # Not types.path: a path of Nix's own would copy what lies there into the store.
  absolutePath = types.addCheck types.str (lib.hasPrefix "/") // {
    description = "absolute path, as a string";
  };
  unitSection = types.attrsOf (
    types.nullOr (
      types.oneOf [
        types.bool
        types.int
        types.str
        (types.listOf types.str)
      ]
    )
  );
  typeOf =
    key:
    {
      text = types.str;
      flag = types.bool;
      count = types.ints.between key.least key.most;
      text-list = types.listOf types.str;
      program-list = types.listOf (types.listOf types.str);
      duration = types.strMatching "([0-9]+[ymdh])+";
      path = absolutePath;
      path-list = types.nonEmptyListOf absolutePath;
      name-list = types.nonEmptyListOf types.str;
      choice = types.enum key.choices;
      choice-list = types.nonEmptyListOf (types.enum key.choices);
      unit-section = unitSection;
      switched-section = types.either types.bool unitSection;
      variables = types.attrsOf (types.attrsOf types.str);
    }
    .${key.type};

  option =
    key:
    if key.required or false then
      lib.mkOption {
        type = typeOf key;
        description = key.line;
      }
    else
      lib.mkOption {
        type = types.nullOr (typeOf key);
        default = null;
        description = key.line + lib.optionalString (key ? standard) " Without it: `${key.standard}`.";
      };

  # The keys of a table that may be true or false instead are part of that option.
  options =
    keys:
    let
      table = name: lib.head (lib.splitString "." name);
      own = lib.filterAttrs (name: _: table name == name || !keys ? ${table name}) keys;
    in
    lib.foldl' lib.recursiveUpdate { } (
      lib.mapAttrsToList (name: key: lib.setAttrByPath (lib.splitString "." name) (option key)) own
    );

  settings =
    keys:
    types.submodule {
      freeformType = toml.type;
      options = options keys;
    };
in
{
  job = settings schema.job;
  defaults = settings (lib.mapAttrs (_: key: removeAttrs key [ "required" ]) schema.job);
  repository = settings schema.repository;
  notify = settings schema.notify;
  inherit unitSection;

  # What is written of them: nothing of a key that is null, nor of a table all of whose keys are.
  written =
    values:
    lib.filterAttrs (_: value: value != { }) (
      lib.filterAttrsRecursive (_: value: value != null) values
    );
}
