"""What a law says of a table: references, rows, noise, deviation, pooling and likelihood, without a graph."""
