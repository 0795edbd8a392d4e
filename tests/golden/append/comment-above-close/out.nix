{
  a = [
    a # one

    # group
    b # two
    e
    # end
  ];
}
