"""Page frame and style of `curate report`, read as files."""
