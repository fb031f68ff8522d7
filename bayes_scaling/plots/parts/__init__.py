"""What figures share: draws, marks, lines, style, and what is measured or planned."""
