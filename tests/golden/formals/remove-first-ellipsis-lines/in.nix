{
  self,
  aa,
  ...
}:
{ }
