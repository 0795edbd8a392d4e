# As much of nixpkgs as the project's own flake asks for. What a builder is given stays readable as `given`.
{
  outputs =
    { self }:
    let
      lib = {
        genAttrs =
          names: make:
          builtins.listToAttrs (
            map (name: {
              inherit name;
              value = make name;
            }) names
          );
        importTOML = path: builtins.fromTOML (builtins.readFile path);
        getExe = package: "${package}/bin/${package.given.meta.mainProgram}";
        licenses.mit.spdxId = "MIT";
        platforms.unix = [ "unix" ];
        fileset = {
          unions =
            paths:
            map (
              path: if builtins.pathExists path then path else throw "${toString path} is not there"
            ) paths;
          toSource = { root, fileset }: map baseNameOf fileset;
        };
      };

      derivationOf =
        system: name: given:
        derivation {
          inherit name system;
          builder = "/bin/sh";
        }
        // {
          inherit given;
        };

      packagesOf =
        system:
        let
          make = derivationOf system;
          python = builtins.listToAttrs (
            map
              (name: {
                inherit name;
                value = make name { };
              })
              [
                "msgspec"
                "build"
                "hypothesis"
                "mypy"
                "nox"
                "pip"
                "pytest"
                "setuptools"
                "tree-sitter"
              ]
          )
          // {
            tree-sitter-grammars.tree-sitter-nix = make "tree-sitter-nix" { };
            tree-sitter-grammars.tree-sitter-toml = make "tree-sitter-toml" { };
            buildPythonApplication = given: make "${given.pname}-${given.version}" given;
          };
          pkgs = {
            python3Packages = python;
            python3.withPackages = choose: make "python3-env" { packages = choose python; };
            nixfmt = make "nixfmt" { };
            pre-commit = make "pre-commit" { };
            ruff = make "ruff" { };
            mkShell = make "nix-shell";
            callPackage =
              function: extra:
              function (builtins.intersectAttrs (builtins.functionArgs function) pkgs // extra);
          };
        in
        pkgs;
    in
    {
      inherit lib;
      legacyPackages = lib.genAttrs [
        "x86_64-linux"
        "aarch64-linux"
        "x86_64-darwin"
        "aarch64-darwin"
      ] packagesOf;
    };
}
