{ self, aa, }:
{ }
