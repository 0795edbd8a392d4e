{
  self,
  aa, # the last
}:
{ }
