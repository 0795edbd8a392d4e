{ self, aa /* x */, zz }:
{ }
