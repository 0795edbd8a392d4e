{ self
, aa
, ...
}:
{ }
