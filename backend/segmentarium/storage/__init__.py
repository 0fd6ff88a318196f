"""All SQL and all files: database, tables, blobs, and the queries, a file per noun."""
