{ self # me
, ...
}:
{ }
