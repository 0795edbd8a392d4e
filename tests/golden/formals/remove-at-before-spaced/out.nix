inputs @ {self}:
{ }
