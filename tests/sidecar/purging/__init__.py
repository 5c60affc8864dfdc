"""What purges mean for entries."""
