"""What addresses are, have and can do."""
