{
  a = [
    a
    e
    # b
  ];
}
