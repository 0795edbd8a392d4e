{ self # me
, aa # second
, zz
, ...
}:
{ }
