{
  a = with pkgs; [ vim ];
}
