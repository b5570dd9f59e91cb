"""Feature maps, and the one loop that runs them on."""
