{
  inherit (x) a b; # both
}
