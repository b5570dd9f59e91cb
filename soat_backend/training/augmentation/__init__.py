"""Adaptive discriminator augmentation (Source: Karras et al. 2020, "Training GANs with limited data")."""
