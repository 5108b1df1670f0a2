"""A page on this machine: a photo or the camera in, the age of the face out. Nothing leaves the machine."""
