{ }@inputs:
{ }
