{
  a.b = 1;
  a.c = 2;
  a.d = 5;

  x.b = 1;
  x.c = 2;
}
