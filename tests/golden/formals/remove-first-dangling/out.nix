{
  aa,
  # zz is disabled
}:
{ }
