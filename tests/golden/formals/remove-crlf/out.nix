{
  self,
}:
{ }
