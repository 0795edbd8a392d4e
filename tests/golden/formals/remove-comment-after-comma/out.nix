{
  self,
}:
{ }
