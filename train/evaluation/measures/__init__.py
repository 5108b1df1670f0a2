"""Measures beyond the plain errors of train/evaluation/metrics.py: age groups, calibration, doubt over people."""
