"""Static completions: the click commands as plain data (tree), and a script for each shell made from it."""
