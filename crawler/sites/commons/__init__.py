"""Wikimedia Commons: what to ask for the photos of a person, and how to read what comes back."""
