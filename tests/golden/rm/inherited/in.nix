{
  inherit (x) a b;
}
