{
      self,
    }:
{ }
