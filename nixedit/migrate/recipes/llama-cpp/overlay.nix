# llama.cpp as its own flake builds it, in one variant for each kind of hardware. BACKEND is one of
# cpu, vulkan, cuda and rocm:
#
#   llama-cpp                     upstream's default, as it is
#   llama-cpp-BACKEND             the backend, for any CPU, without AVX (cpu alone: as -native)
#   llama-cpp-BACKEND-native      for the CPU of the machine that builds it
#   llama-cpp-BACKEND-portable    for any CPU: what it has is found out when the program starts
#   llama-cpp-BACKEND-znver4      for one kind of CPU, those listed below; built on any machine
#
# In a list of overlays it stands right after `inputs.@input@.overlays.default`.
{ inputs }:
final: prev:
let
  inherit (prev.stdenv.hostPlatform) system;

  # Every backend is named, since one left out follows nixpkgs.config: with `cudaSupport = true`
  # a Vulkan build would be a CUDA build as well.
  only =
    wanted:
    prev.llama-cpp.override (
      {
        useBlas = false;
        useCuda = false;
        useMetalKit = false;
        useMpi = false;
        useRocm = false;
        useVulkan = false;
      }
      // wanted
    );

  # CUDA and ROCm take a package set of their own, which upstream's flake makes. It does not see
  # this host's nixpkgs.config: for your own cudaCapabilities, use `only { useCuda = true; }`.
  upstream =
    name:
    inputs.@input@.packages.${system}.${name}
      or (throw "llama-cpp-${name}: llama.cpp's flake has no package `${name}` for ${system}");

  backends = {
    cpu = only { useBlas = true; };
    vulkan = only { useVulkan = true; };
    cuda = upstream "cuda";
    rocm = upstream "rocm";
  };

  # The CMake flags of a package with some of them set anew.
  setFlags =
    flags: old:
    builtins.filter (
      flag:
      let
        name = builtins.match "-D([^:=]+)[:=].*" flag;
      in
      name == null || !flags ? ${builtins.head name}
    ) old.cmakeFlags
    ++ map (name: "-D${name}=${flags.${name}}") (builtins.attrNames flags);

  # For the CPU of the machine that builds it and for no other, so never fetched from a cache.
  # GGML_NATIVE is not enough: nixpkgs' compiler wrapper drops -march=native unless
  # NIX_ENFORCE_NO_NATIVE says false, and what is left is a slow build without AVX.
  native =
    package:
    package.overrideAttrs (old: {
      pname = "${old.pname}-native";
      cmakeFlags = setFlags { GGML_NATIVE = "ON"; } old;
      env = (old.env or { }) // {
        NIX_ENFORCE_NO_NATIVE = false;
      };
      preferLocalBuild = true;
      allowSubstitutes = false;
    });

  # What a CPU has of the instruction sets that GGML asks for, by GCC's name for it. Such a build
  # is the same whatever machine makes it, and a cache may serve it. Tell GGML of every set:
  # what is left out follows defaults that differ from version to version.
  instructionSets = words "@x86-flags@";
  x86_64 = @x86@;

  # For ARM, what the compiler is told with -march.
  aarch64 = @arm@;

  words = text: builtins.filter builtins.isString (builtins.split " " text);

  # By microarchitecture: the systems that it is a CPU of, and GGML's flags for it.
  cpus =
    builtins.mapAttrs (_: has: {
      systems = "x86_64";
      flags = builtins.listToAttrs (
        map (set: {
          name = "GGML_${set}";
          value = if builtins.elem set (words has) then "ON" else "OFF";
        }) instructionSets
      );
    }) x86_64
    // builtins.mapAttrs (_: march: {
      systems = "aarch64";
      flags.GGML_CPU_ARM_ARCH = march;
    }) aarch64
    // {
      # Upstream's own way: all kinds of CPU in one package, as libraries of which one is loaded.
      portable = {
        systems = "x86_64|aarch64";
        flags = {
          GGML_BACKEND_DL = "ON";
          GGML_CPU_ALL_VARIANTS = "ON";
        };
      };
    };

  tuned =
    backend: cpu:
    let
      inherit (cpus.${cpu}) systems flags;
    in
    if builtins.match "(${systems})-.*" system == null then
      throw "llama-cpp-${backend}-${cpu}: a build for ${systems}, which ${system} cannot run"
    else
      backends.${backend}.overrideAttrs (old: {
        pname = "${old.pname}-${cpu}";
        cmakeFlags = setFlags ({ GGML_NATIVE = "OFF"; } // flags) old;
      });
in
{
  inherit (prev) llama-cpp;

  llama-cpp-cpu = native backends.cpu;

  llama-cpp-vulkan = backends.vulkan;
  llama-cpp-vulkan-native = native backends.vulkan;

  llama-cpp-cuda = backends.cuda;
  llama-cpp-cuda-native = native backends.cuda;

  llama-cpp-rocm = backends.rocm;
  llama-cpp-rocm-native = native backends.rocm;
}
// builtins.listToAttrs (
  builtins.concatMap (
    backend:
    map (cpu: {
      name = "llama-cpp-${backend}-${cpu}";
      value = tuned backend cpu;
    }) (builtins.attrNames cpus)
  ) (builtins.attrNames backends)
)
