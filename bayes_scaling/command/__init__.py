"""The command `bayes-scaling`."""
