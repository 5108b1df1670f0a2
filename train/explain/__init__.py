"""Looking into a trained net: pictures of its maps, and which pixels moved the age it says."""
