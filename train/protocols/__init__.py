"""How papers split the public sets: one file a protocol, from the rows of a dataset folder to folds."""
