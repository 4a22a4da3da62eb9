"""What a case may say: behaviours, checks, and the JSON Schema of case files."""
