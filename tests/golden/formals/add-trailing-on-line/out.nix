{ self, aa, zz, }:
{ }
