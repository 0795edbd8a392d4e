{ bb, cc, dd ? null
, ee
}:
{ }
