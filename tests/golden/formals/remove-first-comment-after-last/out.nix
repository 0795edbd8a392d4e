{
  aa # the last
}:
{ }
