{self, aa}:
{ }
