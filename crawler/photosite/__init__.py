"""A photo site on loopback that answers as Flickr does, for the demo, the tests and the benchmarks."""
