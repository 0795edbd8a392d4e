# llama.cpp as its own flake builds it, in one variant for each kind of hardware.
# In a list of overlays it stands right after `inputs.@input@.overlays.default`.
{ inputs }:
final: prev:
let
  inherit (prev.stdenv.hostPlatform) system;

  # Every backend is named, since one left out follows nixpkgs.config: with `cudaSupport = true`
  # a Vulkan build would be a CUDA build as well.
  only =
    backends:
    prev.llama-cpp.override (
      {
        useBlas = false;
        useCuda = false;
        useMetalKit = false;
        useMpi = false;
        useRocm = false;
        useVulkan = false;
      }
      // backends
    );

  # CUDA and ROCm take a package set of their own, which upstream's flake makes. It does not see
  # this host's nixpkgs.config: for your own cudaCapabilities, use `only { useCuda = true; }`.
  upstream =
    name:
    inputs.@input@.packages.${system}.${name}
      or (throw "llama-cpp-${name}: llama.cpp's flake has no package `${name}` for ${system}");

  # For the CPU of the machine that builds it and for no other, so never fetched from a cache.
  # GGML_NATIVE is not enough: nixpkgs' compiler wrapper drops -march=native unless
  # NIX_ENFORCE_NO_NATIVE says false, and what is left is a slow build without AVX.
  native =
    package:
    package.overrideAttrs (old: {
      pname = "${old.pname}-native";
      cmakeFlags =
        builtins.filter (flag: builtins.match "-DGGML_NATIVE[:=].*" flag == null) old.cmakeFlags
        ++ [ "-DGGML_NATIVE=ON" ];
      env = (old.env or { }) // {
        NIX_ENFORCE_NO_NATIVE = false;
      };
      preferLocalBuild = true;
      allowSubstitutes = false;
    });

  cpu = only { useBlas = true; };
  vulkan = only { useVulkan = true; };
  cuda = upstream "cuda";
  rocm = upstream "rocm";
in
{
  # Upstream's default, as it is.
  inherit (prev) llama-cpp;

  llama-cpp-cpu = native cpu;

  llama-cpp-vulkan = vulkan;
  llama-cpp-vulkan-native = native vulkan;

  llama-cpp-cuda = cuda;
  llama-cpp-cuda-native = native cuda;

  llama-cpp-rocm = rocm;
  llama-cpp-rocm-native = native rocm;
}
