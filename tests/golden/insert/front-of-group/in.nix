{
  a = [
    # first
    a
    b
  ];
}
