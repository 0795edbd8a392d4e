rec {
  a = 1;
}
