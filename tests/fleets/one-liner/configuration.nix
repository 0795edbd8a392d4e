{ pkgs, ... }: { nixpkgs.hostPlatform = "x86_64-linux"; networking.hostName = "helium"; environment.systemPackages = with pkgs; [ llama-cpp git ]; }
