{
  inherit (x)
    a
    c
    ;
}
