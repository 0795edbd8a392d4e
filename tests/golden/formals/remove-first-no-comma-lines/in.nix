{
  self,
  aa
}:
{ }
