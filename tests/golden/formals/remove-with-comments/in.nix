{
  # first
  aa,
  # second
  bb, # two
  # third
  cc,
}:
{ }
