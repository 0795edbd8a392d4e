{
  a = [
    e
    # first
    a
    b
  ];
}
