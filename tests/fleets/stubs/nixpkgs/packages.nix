# The packages before any overlay.
{
  lib,
  system,
  config,
}:
final:
let
  inherit (import ./derivation.nix { inherit lib system; }) mkDerivation makeOverridable;

  platform = rec {
    inherit system;
    isLinux = lib.hasSuffix "-linux" system;
    isDarwin = lib.hasSuffix "-darwin" system;
    isx86_64 = lib.hasPrefix "x86_64-" system;
    isAarch64 = lib.hasPrefix "aarch64-" system;
    isStatic = false;
    isGnu = isLinux;
  };

  callPackageWith =
    scope: path: arguments:
    let
      f = if builtins.isFunction path then path else import path;
      known = builtins.intersectAttrs (lib.functionArgs f) scope;
    in
    makeOverridable f known arguments;

  plain =
    name:
    makeOverridable (
      _:
      mkDerivation {
        pname = name;
        version = import ./release.nix;
      }
    ) { } { };
in
{
  inherit config lib;

  # The source as it is: no patch is applied here.
  applyPatches = { src, ... }: "${src}";
  path = ./.;
  system = throw "'system' is deprecated: it is 'stdenv.hostPlatform.system'";

  callPackage = callPackageWith final;
  newScope = extra: callPackageWith (final // extra);

  stdenv = {
    inherit mkDerivation;
    hostPlatform = platform;
    buildPlatform = platform;
    inherit (platform) isLinux isDarwin isAarch64;
  };

  cudaPackages = {
    backendStdenv = final.stdenv;
    cuda_nvcc = plain "cuda_nvcc";
    libcublas = plain "libcublas";
    flags.cudaCapabilities =
      config.cudaCapabilities or [
        "7.5"
        "8.9"
      ];
  };
  rocmPackages.clr = plain "clr" // {
    gpuTargets = [
      "gfx1030"
      "gfx1100"
    ];
  };
  linuxPackages_latest.kernel = plain "linux";
  nvtopPackages = lib.genAttrs [ "amd" "intel" "nvidia" ] (gpu: plain "nvtop-${gpu}");
  blas = plain "blas" // {
    meta.available = true;
  };

  llama-cpp = final.callPackage ./llama-cpp.nix { };
  llama-cpp-cuda = final.llama-cpp.override { cudaSupport = true; };
  llama-cpp-rocm = final.llama-cpp.override { rocmSupport = true; };
  llama-cpp-vulkan = final.llama-cpp.override { vulkanSupport = true; };

  writeText = name: text: mkDerivation { inherit name text; };
  writeShellScriptBin =
    name: text:
    mkDerivation {
      pname = name;
      version = "1";
      inherit text;
    };
  runCommand =
    name: env: text:
    mkDerivation (env // { inherit name text; });
  pkgs = final;
  fetchFromGitHub = source: mkDerivation (source // { name = "source"; });
  fetchpatch = source: mkDerivation (source // { name = "patch"; });
}
// lib.genAttrs [
  "btop"
  "cmake"
  "curl"
  "fd"
  "ffmpeg"
  "firefox"
  "fish"
  "git"
  "hello"
  "htop"
  "jq"
  "kodi"
  "libreoffice"
  "neovim"
  "ollama"
  "openssl"
  "pkg-config"
  "python3"
  "restic"
  "ripgrep"
  "shaderc"
  "signal-desktop"
  "tmux"
  "tree"
  "vim"
  "vulkan-headers"
  "vulkan-loader"
  "vulkan-tools"
  "waybar"
  "wget"
  "zsh"
] plain
