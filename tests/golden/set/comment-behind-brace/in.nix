{ # the set
  a = 1;
}
