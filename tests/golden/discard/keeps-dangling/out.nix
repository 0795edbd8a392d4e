{
  a = [
    # end
  ];
}
