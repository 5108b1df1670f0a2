"""The files a trainer reads, and how a photo becomes a face: no SQL here."""
