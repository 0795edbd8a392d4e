{
  a = [ b # c
    e
  ];
}
