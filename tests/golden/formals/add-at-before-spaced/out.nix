inputs @ {self, aa, zz}:
{ }
