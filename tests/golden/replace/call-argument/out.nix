{ a = f x y; }
