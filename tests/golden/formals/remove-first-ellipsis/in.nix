{ self, aa, ... }:
{ }
