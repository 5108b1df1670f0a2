"""What the photos' licences allow, and what is owed to their owners."""
