"""Which two faces of one person make a pair, which strangers stand against them, and how a set of pairs is kept."""
