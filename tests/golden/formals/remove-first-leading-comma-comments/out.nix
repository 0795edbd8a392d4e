{ aa # second
, ...
}:
{ }
