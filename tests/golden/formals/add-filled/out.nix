{ self, aa
, bb, cc, zz }:
{ }
