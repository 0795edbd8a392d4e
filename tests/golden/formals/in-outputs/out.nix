{
  inputs.a.url = "x";
  outputs =
    {
      self,
      nixpkgs,
      zz,
    }:
    {
      x = 1;
    };
}
