{ self }@inputs: a
