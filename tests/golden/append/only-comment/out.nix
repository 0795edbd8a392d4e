{
  a = [
    # none yet

    e
  ];
}
