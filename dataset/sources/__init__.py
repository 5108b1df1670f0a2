"""Layouts of public sets and of folders, one file each: a folder in, records out."""
