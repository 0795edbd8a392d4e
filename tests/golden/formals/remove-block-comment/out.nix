{ self }:
{ }
