{
  description = "short";
}
