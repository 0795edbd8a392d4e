{
  a = [
    a # one

    # group
    b # two
    # end
  ];
}
