{ self, aa, zz }@inputs:
{ }
