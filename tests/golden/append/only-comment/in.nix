{
  a = [
    # none yet
  ];
}
