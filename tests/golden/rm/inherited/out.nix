{
  inherit (x) b;
}
