"""From a file to a table in canonical form: headers, cells, budgets, chance, rules, problems."""
