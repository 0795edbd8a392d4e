{
  description = "A stand-in for flake-file: its option says what flake.nix is to have as inputs";

  outputs =
    { self }:
    {
      flakeModules.default = { };
    };
}
