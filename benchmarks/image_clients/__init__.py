"""The clients that `benchmarks/image_speed.py` compares, a script each: `python SCRIPT HOST COUNT FOLDER`.

A script fetches HOST/0.jpg to HOST/(COUNT-1).jpg to below FOLDER and ends. Those of other tools import nothing of
ours: they run in an environment of their own.
"""
