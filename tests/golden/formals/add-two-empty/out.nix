{ aa, zz ? 1 }:
{ }
