"""Training StyleGAN2 generators: `python -m soat train`."""
