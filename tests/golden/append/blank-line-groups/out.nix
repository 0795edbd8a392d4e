{
  a = [
    a

    b
    c
    e
  ];
}
