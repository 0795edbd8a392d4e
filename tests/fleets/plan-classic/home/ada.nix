{ pkgs, ... }: {
  home.packages = with pkgs; [ fd jq ];

  programs.git = {
    enable = true;
    userName = "Ada";
  };

  home.stateVersion = "25.05";
}
