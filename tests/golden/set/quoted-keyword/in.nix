{
  "inputs".a = 1;
}
