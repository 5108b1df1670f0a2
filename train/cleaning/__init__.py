"""Labels that a model finds implausible: `train clean-labels`."""
