{ self, aa /* x */ }:
{ }
