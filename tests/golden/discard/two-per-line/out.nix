{
  a = [
    a
    c d
  ];
}
