{
  a = [
    a b
    e
    c d
  ];
}
