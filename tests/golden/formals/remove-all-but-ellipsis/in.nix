args@{ aa, ... }:
{ }
