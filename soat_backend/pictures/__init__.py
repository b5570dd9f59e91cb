"""Photos, faces and films: what is done with pictures outside of generators."""
