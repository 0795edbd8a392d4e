"""Recipes: what one may say, how it is read and checked; the folders here are those that ship."""
