{
  self,
  aa,
  zz,
  ...
}:
{ }
