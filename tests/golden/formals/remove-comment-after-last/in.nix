{
  self,
  aa # the last
}:
{ }
