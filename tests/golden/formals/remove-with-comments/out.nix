{
  # first
  aa,
  # third
  cc,
}:
{ }
