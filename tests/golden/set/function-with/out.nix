{ pkgs, ... }: with pkgs; {
  a = git;
  b = 2;
}
