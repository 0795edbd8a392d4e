{
  inherit (x) b;
  a = 5;
  c = 1;
}
