{ self, aa
, bb, cc }:
{ }
