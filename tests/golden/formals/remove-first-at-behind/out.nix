{ aa }@inputs:
{ }
