inputs @ {aa}:
{ }
