"""The catalog: subjects, photos, taken years, faces and pairs in SQL (SQLite or Postgres)."""
