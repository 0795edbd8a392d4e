{
  # nothing yet
}
