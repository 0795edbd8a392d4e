{
  self
}:
{ }
