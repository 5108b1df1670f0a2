"""Who is who among the faces of a catalog: `curate verify` (docs/identity.md)."""
