"""The Messages endpoint of the reference gateway."""
