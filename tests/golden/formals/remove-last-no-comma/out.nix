{
  aa # first
}:
{ }
