"""Who wrote a file: one adapter a format."""
