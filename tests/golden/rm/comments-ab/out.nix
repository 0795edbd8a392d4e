{
  # File comment.

  # -- group --

  c = 3; /* third */ # really

  d = 4;
  # closing
}
