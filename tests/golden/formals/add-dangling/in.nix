{
  self,
  aa,
  # zz is disabled
}:
{ }
