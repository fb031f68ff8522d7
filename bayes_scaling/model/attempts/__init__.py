"""Rates and counts of several attempts at the same problems: their sets and their noise."""
