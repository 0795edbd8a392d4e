{ self }:a
