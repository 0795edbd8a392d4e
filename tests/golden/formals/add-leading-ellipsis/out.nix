{ self
, aa
, zz
, ...
}:
{ }
