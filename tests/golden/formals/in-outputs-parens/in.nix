{
  outputs = ({ self, ... }@inputs: { x = 1; });
}
