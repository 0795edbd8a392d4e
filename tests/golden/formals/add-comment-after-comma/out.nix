{
  self,
  aa, # the last
  zz,
}:
{ }
