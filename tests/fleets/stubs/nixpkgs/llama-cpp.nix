# nixpkgs' own llama-cpp: other arguments than upstream's, and an error for any it does not know.
{
  lib,
  stdenv,
  config,
  cudaSupport ? config.cudaSupport,
  rocmSupport ? config.rocmSupport,
  openclSupport ? false,
  vulkanSupport ? false,
  rpcSupport ? false,
  rocmGpuTargets ? [ ],
  metalSupport ? stdenv.hostPlatform.isDarwin && stdenv.hostPlatform.isAarch64,
  blasSupport ? !(cudaSupport || rocmSupport || openclSupport || vulkanSupport || metalSupport),
}:
stdenv.mkDerivation {
  pname = "llama-cpp";
  version = "6729";
  cmakeFlags = [
    (lib.cmakeBool "GGML_NATIVE" false)
    (lib.cmakeBool "GGML_BLAS" blasSupport)
    (lib.cmakeBool "GGML_CUDA" cudaSupport)
    (lib.cmakeBool "GGML_HIP" rocmSupport)
    (lib.cmakeBool "GGML_METAL" metalSupport)
    (lib.cmakeBool "GGML_RPC" rpcSupport)
    (lib.cmakeBool "GGML_VULKAN" vulkanSupport)
    (lib.cmakeFeature "CMAKE_HIP_ARCHITECTURES" (lib.concatStringsSep ";" rocmGpuTargets))
  ];
  passthru = {
    origin = "nixpkgs";
    nixpkgsConfig = config;
    nixpkgsRelease = lib.version;
  };
}
