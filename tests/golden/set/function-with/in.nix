{ pkgs, ... }: with pkgs; {
  a = git;
}
