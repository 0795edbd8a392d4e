{ # the set
  a = 1;
  b = 5;
}
