{ aa ? true
, cc, dd ? null
, ee
}:
{ }
