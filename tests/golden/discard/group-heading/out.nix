{
  a = [
    b

    # group

    d
  ];
}
