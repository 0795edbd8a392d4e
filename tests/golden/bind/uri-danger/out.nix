{ self }@inputs :a
