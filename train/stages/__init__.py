"""The stages of training: one stage a file, one loop for all."""
