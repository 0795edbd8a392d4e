{ self
    }:
{ }
