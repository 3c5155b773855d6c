"""What the index holds beyond CKAN's own fields, and how results are narrowed."""
