{
  a = [
    a e b
    c d
  ];
}
