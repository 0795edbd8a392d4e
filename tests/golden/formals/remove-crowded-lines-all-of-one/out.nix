{ aa ? true
, ee
}:
{ }
