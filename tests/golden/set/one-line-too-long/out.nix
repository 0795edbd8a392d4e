{
  description = "a rather long description of the thing";
  other = "and another long text here";
  enable = true;
}
