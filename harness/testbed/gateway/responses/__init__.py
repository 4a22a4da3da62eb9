"""The Responses endpoint of the reference gateway."""
