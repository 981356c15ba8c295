"""Posts that are not published yet."""
