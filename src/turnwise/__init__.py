"""turnwise: measures how safely a multimodal chat model behaves over a whole conversation."""

__all__ = ["__version__"]

__version__ = "0.1.0"
