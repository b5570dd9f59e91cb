"""What files are made of: bytes to inert trees of plain data and stored tensors."""
