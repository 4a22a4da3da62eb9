"""Changes of the reference gateway as data: where, when, and what to do.

A change is a plain dict with the keys `at` (a point of the gateway, see points.py), `protocol`,
`when` (conditions.py) and `do` (operators: edits.py, and those of points.py). A mutant has the keys
`id`, `description`, `case`, `rule` and `also` in addition (rows.py). `schemas/mutants.schema.json`
describes the form of their files; the functions here expect data that are valid under it.
"""
