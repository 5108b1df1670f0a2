"""From selected rows of the catalog to the files of one format."""
