{
  "inputs".a = 1;
  inputs."let" = 1;
}
