{self}:
{ }
