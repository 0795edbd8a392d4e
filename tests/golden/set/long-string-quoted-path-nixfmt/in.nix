{
  "x y" = "short";
}
