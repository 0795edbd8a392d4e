# llama.cpp from nixpkgs, with every instruction set spelled out.
final: prev: let
  tigerlake = [
    "-DGGML_NATIVE=OFF"
    "-DGGML_SSE42=ON"
    "-DGGML_AVX=ON"
    "-DGGML_AVX2=ON"
    "-DGGML_BMI2=ON"
    "-DGGML_F16C=ON"
    "-DGGML_FMA=ON"
    "-DGGML_AVX512=ON"
    "-DGGML_AVX512_VBMI=ON"
    "-DGGML_AVX512_VNNI=ON"
    # "-DGGML_AVX512_BF16=ON" # not this CPU
  ];

  zen3 = [
    "-DGGML_NATIVE=OFF"
    "-DGGML_SSE42=ON"
    "-DGGML_AVX=ON"
    "-DGGML_AVX2=ON"
    "-DGGML_BMI2=ON"
    "-DGGML_F16C=ON"
    "-DGGML_FMA=ON"
  ];

  tuned = name: flags: package:
    package.overrideAttrs (old: {
      pname = "llama-cpp-${name}";
      cmakeFlags = (old.cmakeFlags or []) ++ flags;
    });
in {
  llama-cpp-cpu = tuned "cpu" tigerlake prev.llama-cpp;
  llama-cpp-vulkan = tuned "vulkan" tigerlake (prev.llama-cpp.override {vulkanSupport = true;});
  llama-cpp-cuda = tuned "cuda" zen3 (prev.llama-cpp.override {cudaSupport = true;});
}
