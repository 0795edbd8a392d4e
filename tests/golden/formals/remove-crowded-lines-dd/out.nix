{ aa ? true
, bb, cc
, ee
}:
{ }
