{ aa ? true
, bb, cc, dd ? null
, ee
}:
{ }
