{
  a."x y".b = 1;
  a."x y".c = 5;
  z = 1;
}
