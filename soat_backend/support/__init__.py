"""What every room needs and none is about: errors, files, terminals, how calculations run."""
