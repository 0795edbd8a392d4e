{
  # File comment.

  # -- group --

  # closing
}
