{
  self,
  aa,
  zz,
  # zz is disabled
}:
{ }
