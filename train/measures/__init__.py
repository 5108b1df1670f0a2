"""Measures beyond the plain errors of train/metrics.py: age groups, calibration, doubt over people."""
