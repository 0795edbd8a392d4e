{
  inherit (x)
    a
    b # bee
    c
    ;
}
