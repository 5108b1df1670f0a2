"""From the catalog to faces, pairs and dataset files: the `curate` command."""
