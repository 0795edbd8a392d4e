{
  aa,
  bb
}:
{ }
