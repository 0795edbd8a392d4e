{
  self,
  # zz is disabled
}:
{ }
