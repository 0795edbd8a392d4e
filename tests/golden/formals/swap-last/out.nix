{
  aa,
  zz
}:
{ }
