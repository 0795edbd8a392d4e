inputs@{ self }:
{ }
