{
      self,
      aa,
    }:
{ }
