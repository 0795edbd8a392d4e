{
  outputs = ({ self, zz, ... }@inputs: { x = 1; });
}
