{
  aa, # the last
}:
{ }
