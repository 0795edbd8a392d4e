{ aa, bb }:
{ }
