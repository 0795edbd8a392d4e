{
  # File comment.

  # About a.
  a = 1; # first

  # -- group --

  c = 3; /* third */ # really

  d = 4;
  # closing
}
