{
  description = "A stand-in for llama.cpp's flake: its names, arguments and flags; nothing to build";

  # A fleet has to make this follow its own nixpkgs: there is nothing at this path.
  inputs.nixpkgs.url = "path:/nonexistent/llama-cpp-must-follow-a-nixpkgs";

  outputs =
    { self, nixpkgs }:
    let
      inherit (nixpkgs) lib;

      packagesFor =
        system:
        let
          build = config: (import nixpkgs { inherit system config; }).callPackage ./package.nix { };
          default = build { };
        in
        {
          inherit default;
          vulkan = default.override { useVulkan = true; };
        }
        // lib.optionalAttrs (lib.hasSuffix "-linux" system) {
          cuda = build { cudaSupport = true; };
          mpi-cpu = default.override { useMpi = true; };
        }
        // lib.optionalAttrs (system == "x86_64-linux") {
          rocm = build { rocmSupport = true; };
        };
    in
    {
      overlays.default = final: prev: {
        llamaPackages = lib.makeScope final.newScope (self: {
          llama-cpp = self.callPackage ./package.nix { };
        });
        inherit (final.llamaPackages) llama-cpp;
      };

      packages = lib.genAttrs [
        "aarch64-darwin"
        "aarch64-linux"
        "x86_64-darwin"
        "x86_64-linux"
      ] packagesFor;
    };
}
