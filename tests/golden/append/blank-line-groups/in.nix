{
  a = [
    a

    b
    c
  ];
}
