{ self, aa }:
{ }
