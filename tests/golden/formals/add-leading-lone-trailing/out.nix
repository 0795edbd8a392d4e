{ self
    , aa
    , zz
    ,
    }:
{ }
