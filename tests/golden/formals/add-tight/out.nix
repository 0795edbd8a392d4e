{self, aa, zz}:
{ }
