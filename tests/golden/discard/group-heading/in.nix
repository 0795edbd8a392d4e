{
  a = [
    b

    # group

    c
    d
  ];
}
