{stdenv, fetchurl}:

fetchurl {
  url = stdenv;
}
