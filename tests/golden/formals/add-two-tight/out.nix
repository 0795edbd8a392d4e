{stdenv, fetchurl, zz}:

fetchurl {
  url = stdenv;
}
