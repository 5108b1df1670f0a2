"""Sub-commands of `train`, one a file."""
