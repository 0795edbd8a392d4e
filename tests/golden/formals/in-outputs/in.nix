{
  inputs.a.url = "x";
  outputs =
    { self, nixpkgs }:
    {
      x = 1;
    };
}
