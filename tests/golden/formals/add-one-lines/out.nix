{
  aa,
  zz,
}:
{ }
