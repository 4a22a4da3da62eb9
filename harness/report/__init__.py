"""A finished run -> text, one file for each voice. May not fire, judge, read or write."""
