{
  a = [
    x
    (final: prev: { })
  ];
}
