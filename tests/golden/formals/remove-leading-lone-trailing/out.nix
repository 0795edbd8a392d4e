{ self
    ,
    }:
{ }
