{
  description = "A rather long description of a thing that nobody would ever write in one go, but there it is";
}
