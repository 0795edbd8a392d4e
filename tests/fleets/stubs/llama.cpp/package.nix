# Upstream's arguments and their defaults: what is not said follows nixpkgs.config.
{
  lib,
  config,
  stdenv,
  blas,
  cudaPackages,
  rocmPackages,
  vulkan-headers,
  vulkan-loader,
  useBlas ? !(useCuda || useMetalKit || useRocm || useVulkan) && blas.meta.available,
  useCuda ? config.cudaSupport,
  useMetalKit ? stdenv.isAarch64 && stdenv.isDarwin,
  useMpi ? false,
  useRocm ? config.rocmSupport,
  rocmGpuTargets ? lib.concatStringsSep ";" rocmPackages.clr.gpuTargets,
  useVulkan ? false,
  useRpc ? false,
  llamaVersion ? "0.0.0",
  effectiveStdenv ? if useCuda then cudaPackages.backendStdenv else stdenv,
  enableStatic ? effectiveStdenv.hostPlatform.isStatic,
  precompileMetalShaders ? false,
  useWebUi ? true,
}:
let
  backends = {
    BLAS = useBlas;
    CUDA = useCuda;
    MetalKit = useMetalKit;
    MPI = useMpi;
    ROCm = useRocm;
    Vulkan = useVulkan;
  };
  chosen = lib.filter (name: backends.${name}) (lib.attrNames backends);
in
effectiveStdenv.mkDerivation (finalAttrs: {
  pname = lib.toLower (lib.concatStringsSep "-" ([ "llama-cpp" ] ++ chosen));
  version = llamaVersion;

  buildInputs =
    lib.optional useBlas blas
    ++ lib.optional useCuda cudaPackages.libcublas
    ++ lib.optional useRocm rocmPackages.clr
    ++ lib.optionals useVulkan [
      vulkan-headers
      vulkan-loader
    ];

  cmakeFlags = [
    (lib.cmakeBool "LLAMA_BUILD_SERVER" true)
    (lib.cmakeBool "BUILD_SHARED_LIBS" (!enableStatic))
    (lib.cmakeBool "GGML_NATIVE" false)
    (lib.cmakeBool "GGML_BLAS" useBlas)
    (lib.cmakeBool "GGML_CUDA" useCuda)
    (lib.cmakeBool "GGML_HIP" useRocm)
    (lib.cmakeBool "GGML_METAL" useMetalKit)
    (lib.cmakeBool "GGML_VULKAN" useVulkan)
    (lib.cmakeBool "GGML_RPC" useRpc)
  ]
  ++ lib.optional useCuda (
    lib.cmakeFeature "CMAKE_CUDA_ARCHITECTURES" (
      lib.concatStringsSep ";" cudaPackages.flags.cudaCapabilities
    )
  )
  ++ lib.optional useRocm (lib.cmakeFeature "CMAKE_HIP_ARCHITECTURES" rocmGpuTargets);

  env = lib.optionalAttrs useRocm { ROCM_PATH = "${rocmPackages.clr}"; };

  passthru = {
    origin = "llama.cpp";
    nixpkgsConfig = config;
    nixpkgsRelease = lib.version;
  };
})
