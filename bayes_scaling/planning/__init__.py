"""Decisions that forecasts are for: one question a file, answered draw by draw and then summarised."""
