"""Age estimators from label distributions and age differences: the `train` command."""
