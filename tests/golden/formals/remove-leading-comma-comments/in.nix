{ self # me
, aa # second
, ...
}:
{ }
