{
  aa,
  bb,
}:
{ }
