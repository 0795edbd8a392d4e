{
  self,
  aa,
}:
{ }
