{ self
, bb, cc }:
{ }
