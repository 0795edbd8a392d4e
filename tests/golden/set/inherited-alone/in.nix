{
  inherit a;
  c = 1;
}
