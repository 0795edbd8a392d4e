# A module, not an overlay: it brings its own.
{ lib, ... }:
{
	nixpkgs.overlays = lib.mkAfter [
		(final: prev: {
			llama-cpp-cpu = prev.llama-cpp.overrideAttrs (old: {
				pname = "llama-cpp-cpu";
				cmakeFlags = old.cmakeFlags ++ [ "-DGGML_AVX2=ON" ];
			});
		})
	];
}
