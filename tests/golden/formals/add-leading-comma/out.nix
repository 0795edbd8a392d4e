{ self
    , aa
    , zz
    }:
{ }
