{ self }: a
