{
  self,
  aa,
  zz,
}:
{ }
