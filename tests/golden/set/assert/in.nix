assert true;
{
  a = 1;
}
