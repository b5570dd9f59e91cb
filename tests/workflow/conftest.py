from types import SimpleNamespace

import pytest


@pytest.fixture
def fake():
    """A little node pack that records what ran, and helpers to build both workflow formats."""
    calls = []

    class Sample:
        RETURN_TYPES = ("SOAT_LATENT", "INT")
        FUNCTION = "go"

        @classmethod
        def INPUT_TYPES(cls):
            return {
                "required": {
                    "seed": ("INT", {"default": 0, "min": 0, "max": 1000, "control_after_generate": True}),
                    "scale": ("FLOAT", {"default": 1.0, "min": 0.0, "max": 10.0}),
                    "mode": (["plain", "fancy"], {"default": "plain"}),
                }
            }

        def go(self, seed, scale, mode):
            calls.append(("Sample", seed, scale, mode))
            return (f"S{seed}x{scale}{mode}", seed)

    class Mix:
        RETURN_TYPES = ("SOAT_LATENT",)
        FUNCTION = "go"

        @classmethod
        def INPUT_TYPES(cls):
            return {
                "required": {"latent_a": ("SOAT_LATENT",), "latent_b": ("SOAT_LATENT",)},
                "optional": {"strength": ("FLOAT", {"default": 0.5})},
            }

        def go(self, latent_a, latent_b, strength=None):
            calls.append(("Mix", latent_a, latent_b, strength))
            return (f"({latent_a}+{latent_b}*{strength})",)

    class Save:
        RETURN_TYPES = ()
        FUNCTION = "go"
        OUTPUT_NODE = True

        @classmethod
        def INPUT_TYPES(cls):
            return {
                "required": {"latent": ("SOAT_LATENT",), "filename_prefix": ("STRING", {"default": "pic"})},
                "hidden": {"prompt": "PROMPT", "info": "EXTRA_PNGINFO"},
            }

        def go(self, latent, filename_prefix, prompt, info):
            calls.append(("Save", latent, filename_prefix))
            saved.append(SimpleNamespace(latent=latent, prefix=filename_prefix, prompt=prompt, info=info))
            entry = {"filename": f"{filename_prefix}.png", "subfolder": "", "type": "output"}
            return {"ui": {"images": [entry]}}

    saved = []
    return SimpleNamespace(classes={"Sample": Sample, "Mix": Mix, "Save": Save}, calls=calls, saved=saved)


@pytest.fixture
def ui():
    """Builders of UI-format JSON as the frontend writes it."""

    def node(node_id, kind, inputs=(), outputs=(), values=None, **more):
        built = {
            "id": node_id,
            "type": kind,
            "pos": [0, 0],
            "size": [200, 100],
            "flags": {},
            "order": 0,
            "mode": 0,
            "inputs": [dict(zip(("name", "type", "link"), entry[:3], strict=True)) for entry in inputs],
            "outputs": [{"name": kind_, "type": kind_, "links": links} for kind_, links in outputs],
            "properties": {"Node name for S&R": kind},
        }
        for slot, entry in zip(built["inputs"], inputs, strict=True):
            if len(entry) > 3:
                slot["widget"] = {"name": entry[3]}
        if values is not None:
            built["widgets_values"] = values
        return built | more

    def workflow(nodes, links=(), **more):
        return {
            "id": "0",
            "last_node_id": 99,
            "last_link_id": 99,
            "nodes": list(nodes),
            "links": [list(link) for link in links],
            "groups": [{"title": "g", "bounding": [0, 0, 1, 1]}],
            "config": {},
            "extra": {},
            "version": 0.4,
        } | more

    return SimpleNamespace(node=node, workflow=workflow)
