"""Faces as points: nets that put two photos of one person close together, one file each."""
