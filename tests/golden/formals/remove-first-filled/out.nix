{ aa
, bb, cc }:
{ }
