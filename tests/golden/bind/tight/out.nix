{self, ...}@inputs:{a=1;}
