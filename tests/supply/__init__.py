"""What the project is built from."""
