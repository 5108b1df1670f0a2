"""Faces as other people's tools read them: one file a layout, each written and read back a face at a time."""
