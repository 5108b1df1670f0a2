"""Search for better settings of a preset: `train tune`."""
