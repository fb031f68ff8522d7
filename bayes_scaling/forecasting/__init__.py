"""Forecasts out of draws: points, prediction, notes and files."""
