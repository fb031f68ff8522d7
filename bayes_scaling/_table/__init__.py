"""What `bayes_scaling.runs` is made of: headers, cells, budgets, chance, checks, files."""
