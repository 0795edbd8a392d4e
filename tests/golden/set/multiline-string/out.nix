{
  x = {
    a = 1;
  };
  a = ''
    one
      two
  '';
}
