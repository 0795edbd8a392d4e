[
  ./a.nix
  ./b.nix # two
  ./c.nix
]
