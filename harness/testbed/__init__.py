"""Reference gateway, mock provider, mutants and variants.

Must not import other packages of the harness, so that the code under test and the tests that judge
it are independent.
"""
