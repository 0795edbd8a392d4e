{ self
    , aa
    }:
{ }
