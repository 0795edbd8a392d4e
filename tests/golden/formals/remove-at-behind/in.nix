{ self, aa }@inputs:
{ }
