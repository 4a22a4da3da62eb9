"""The case language: behaviours, checks, and the JSON Schema of case files."""
