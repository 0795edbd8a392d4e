{
  a = [
    b
    # end
  ];
}
