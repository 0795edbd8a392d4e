inputs@{ self, aa }:
{ }
