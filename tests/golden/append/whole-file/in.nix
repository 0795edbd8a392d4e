[
  ./a.nix
  ./b.nix # two
]
