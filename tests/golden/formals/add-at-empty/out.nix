{ zz }@inputs:
{ }
