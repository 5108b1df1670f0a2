"""Comparisons anyone can run."""
