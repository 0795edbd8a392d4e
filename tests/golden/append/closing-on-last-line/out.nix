{
  a = [
    a
    b
    e ];
}
