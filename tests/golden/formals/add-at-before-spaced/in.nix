inputs @ {self, aa}:
{ }
