{
  self,
  aa,
  zz
}:
{ }
