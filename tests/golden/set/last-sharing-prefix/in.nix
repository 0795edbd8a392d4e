{
  a.b.x = 1;
  a.c = 2;
  a.b.y = 1; # y
  a.d = 1;
  e = 1;
}
