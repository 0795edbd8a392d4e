inputs@{ aa }:
{ }
