{
  # why
  inherit a;
  c = 1;
}
