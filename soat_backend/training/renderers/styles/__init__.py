"""Art styles: filters over any picture, and the procedural landscapes seen through them."""
