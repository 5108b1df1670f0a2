"""Several trained models as one: `train fuse`."""
