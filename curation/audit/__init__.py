"""What an audit doubts: one file a check, each from photos and faces to findings."""
