{ self }@inputs:
{ }
