"""StyleGAN2 as an artist's tool: load, sample, cut the synthesis open at a layer, edit the feature map, render.

A pure PyTorch library. It knows nothing of ComfyUI and nothing of the nodes above it.
"""
