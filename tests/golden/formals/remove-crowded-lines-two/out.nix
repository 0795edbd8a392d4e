{ aa ? true
, dd ? null
, ee
}:
{ }
