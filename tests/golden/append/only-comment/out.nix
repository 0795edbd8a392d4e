{
  a = [
    # none yet
    e
  ];
}
