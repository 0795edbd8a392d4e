{ aa ? true
, bb, dd ? null
, ee
}:
{ }
