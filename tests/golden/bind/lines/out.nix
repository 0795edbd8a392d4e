{
  self,
  ...
}@inputs:
{ }
