{
  pkgs,
  inputs,
  ...
}: {
  time.timeZone = "Europe/Berlin";
  i18n.defaultLocale = "en_GB.UTF-8";

  nix.settings.experimental-features = [
    "nix-command"
    "flakes"
  ];
  nixpkgs.config.allowUnfree = true;

  users.users.ada = {
    isNormalUser = true;
    extraGroups = ["wheel"];
    shell = pkgs.fish;
  };

  home-manager = {
    useGlobalPkgs = true;
    useUserPackages = true;
    extraSpecialArgs = {inherit inputs;};
    users.ada = import ../home/ada.nix;
  };

  environment.systemPackages = with pkgs; [
    git
    htop
    ripgrep
  ];

  system.stateVersion = "25.05";
}
