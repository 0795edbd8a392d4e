{ config, pkgs, ... }:
{
    networking.hostName = "t";

    services.openssh = {
        enable = true;
        settings = {
            PermitRootLogin = "no";
            Ciphers = [ ];
        };
    };
    environment.systemPackages = with pkgs; [
        vim
    ];
}