"""Sub-commands of `curate`, one a file."""
