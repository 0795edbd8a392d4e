{
  inherit (x) a; # both
}
