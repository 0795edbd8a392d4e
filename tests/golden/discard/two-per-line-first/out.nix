{
  a = [
    a b
    d
  ];
}
