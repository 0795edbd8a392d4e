{
  # nothing yet

  a = 5;
}
