{ self, }:
{ }
