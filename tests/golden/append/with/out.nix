{
  a = with pkgs; [
    vim
    git
  ];
}
