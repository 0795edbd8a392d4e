{
  description = "Edits Nix files without disturbing a byte that need not change, and migrates NixOS fleets";

  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";

  outputs =
    { self, nixpkgs }:
    let
      inherit (nixpkgs) lib;
      inherit (lib.importTOML ./pyproject.toml) project;

      perSystem =
        make:
        lib.genAttrs [
          "x86_64-linux"
          "aarch64-linux"
          "x86_64-darwin"
          "aarch64-darwin"
        ] (system: make nixpkgs.legacyPackages.${system} self.packages.${system}.nixedit);

      package =
        { python3Packages }:
        python3Packages.buildPythonApplication {
          pname = project.name;
          inherit (project) version;
          pyproject = true;

          # What `pip install .` reads: a change to the tests or the docs is no new build.
          src = lib.fileset.toSource {
            root = ./.;
            fileset = lib.fileset.unions [
              ./LICENSE
              ./MANIFEST.in
              ./README.md
              ./grammars
              ./nixedit
              ./pyproject.toml
              ./setup.py
            ];
          };

          build-system = [ python3Packages.setuptools ];
          dependencies = [
            python3Packages.msgspec
            python3Packages.tree-sitter
            python3Packages.tree-sitter-grammars.tree-sitter-toml
          ];
          # nixpkgs makes it of the grammar itself, under another name and with the grammar's version.
          pythonRemoveDeps = [ "tree-sitter-toml" ];

          # The tests run Nix and take minutes; `nix run` should not wait for them.
          pythonImportsCheck = [
            "nixedit"
            "nixedit.grammar"
            "nixedit.cli.check"
            "nixedit.cli.migrate"
          ];

          meta = {
            inherit (project) description;
            license = lib.licenses.mit;
            mainProgram = "nixedit";
            platforms = lib.platforms.unix;
          };
        };
    in
    {
      overlays.default = final: _prev: { nixedit = final.callPackage package { }; };

      packages = perSystem (
        pkgs: nixedit: {
          nixedit = pkgs.callPackage package { };
          default = nixedit;
        }
      );

      apps = perSystem (
        pkgs: nixedit: {
          default = {
            type = "app";
            program = lib.getExe nixedit;
          };
        }
      );

      devShells = perSystem (
        pkgs: _nixedit: {
          default = pkgs.mkShell {
            packages = [
              (pkgs.python3.withPackages (python: [
                python.msgspec
                python.build
                python.hypothesis
                python.mypy
                python.nox
                python.pip
                python.pytest
                python.setuptools
                python.tree-sitter
                python.tree-sitter-grammars.tree-sitter-nix
                python.tree-sitter-grammars.tree-sitter-toml
              ]))
              pkgs.nixfmt
              pkgs.pre-commit
              pkgs.ruff
            ];
          };
        }
      );
    };
}
