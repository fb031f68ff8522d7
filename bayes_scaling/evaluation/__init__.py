"""How good forecasts are: scores against what was measured, and recovery of known truths."""
