{ self
    , aa
    ,
    }:
{ }
