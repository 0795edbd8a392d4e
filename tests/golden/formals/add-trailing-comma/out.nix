{
      self,
      aa,
      zz,
    }:
{ }
