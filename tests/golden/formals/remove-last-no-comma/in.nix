{
  aa, # first
  bb # second
}:
{ }
