"""Photos and videos in, ages out: the same way as the faces of a dataset go, and then the model."""
