final: prev: {
  llama-cpp-vulkan = (prev.llama-cpp.override { vulkanSupport = true; }).overrideAttrs (old: {
    cmakeFlags = old.cmakeFlags ++ [
      "-DGGML_AVX2=ON"
      "-DGGML_FMA=ON"
    ];
  });
}
