"""The table of scores: read, checked, described, imported, published, and the budgets that are planned."""
