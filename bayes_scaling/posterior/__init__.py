"""Fits: draws of a posterior, saved and summarised. Nothing here loads a sampler."""
