{
  a = [ b
        d
        c
      ];
}
