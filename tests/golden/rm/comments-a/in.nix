{
  # File comment.

  # About a.
  a = 1; # first

  # -- group --

  # About b
  # in two lines.
  b = 2; # second
  c = 3; /* third */ # really

  d = 4;
  # closing
}
