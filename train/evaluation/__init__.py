"""Measuring a trained model: what it says, how far off it is, how sure it may be, and what is written about it."""
