"""Photo to 128x128 faces: detector, alignment, quality, judgement; shared by `curate faces` and `train predict`."""
