"""The hand-made baseline: four ratios of distances, the wrinkles in a few regions, and a plain classifier over them.

Reference equations 1.5. Importing this package imports neither OpenCV nor dlib.
"""
